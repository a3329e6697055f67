import { BOT_REVISIONS, controllerOf, controllerRef, getCondition, isAlreadyExists, isDeleting, isTrue, refOf, typed } from '@botplane/k8s';
import type { Bot, BotRevision } from '@botplane/k8s';
import { isHandsOff } from '../../hands-off.ts';
import { FIELD_MANAGER, Labels } from '../../names.ts';
import { done, failed, waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Conditions, Reasons } from '../../reasons.ts';
import type { Reason } from '../../reasons.ts';
import { missingConfigMap } from '../config-map-source.ts';
import { isSameSpec, makeRevision, refuseSize, revisionNameOf, templateOf } from './desired.ts';
import type { BotDeps, BotWork } from './observe.ts';

const REVISIONS = typed<BotRevision>(BOT_REVISIONS);

/** The BotRevision of the current template exists; tells how far it is. */
export async function ensureRevision(deps: BotDeps, work: BotWork): Promise<Outcome> {
  await adoptOrphans(deps, work);
  const known = ofSameGeneration(work);
  if (known) return outcomeOf(deps, work, known);
  const source = await resolveContent(deps, work);
  if ('outcome' in source) {
    delete work.draft.latestCreatedRevision;
    return source.outcome;
  }
  const desired = makeRevision(work.bot, source.digest);
  // Until the revision of this very template is in hand, none counts as made from it.
  delete work.draft.latestCreatedRevision;
  const tooLarge = refuseSize(desired.spec);
  if (tooLarge !== undefined) return failed(Reasons.SpecTooLarge, tooLarge);
  const revision = work.revisions.find((known) => known.metadata.name === desired.metadata.name) ?? (await create(deps, work, desired));
  if (!isSameSpec(revision.spec, desired.spec)) {
    return failed(Reasons.RevisionNameTaken, `BotRevision ${desired.metadata.name} exists with other content; delete it, or change the template`);
  }
  if (isDeleting(revision)) return waiting(Reasons.RevisionTerminating, `BotRevision ${desired.metadata.name} is being deleted; it is made again once it is gone`);
  const named = await copyMetadata(deps, work, revision, desired);
  work.draft.latestCreatedRevision = named.metadata.name;
  return outcomeOf(deps, work, named);
}

/**
 * Revisions of an earlier Bot of this name, deleted with `--cascade=orphan`, become this Bot's: else nothing would ever roll back to them, nor collect
 * them. Label and name tell ours from those that a person applied: the name is the hash of the very spec.
 */
async function adoptOrphans(deps: BotDeps, { bot, botId, revisions }: BotWork): Promise<void> {
  for (const [index, revision] of revisions.entries()) {
    if (!isOrphanOf(bot, revision)) continue;
    const { resourceVersion, uid, name } = revision.metadata;
    const body = { metadata: { resourceVersion, uid, ownerReferences: [controllerRef(bot)] } };
    revisions[index] = await deps.client.patch(REVISIONS, refOf(revision), { type: 'merge', body }, { fieldManager: FIELD_MANAGER });
    deps.log.info({ botId, revision: name }, 'revision of an earlier Bot adopted');
  }
}

function isOrphanOf({ metadata: { name } }: Bot, revision: BotRevision): boolean {
  const { metadata, spec: { botRef: _, ...spec } } = revision;
  if ((metadata.ownerReferences ?? []).length > 0 || metadata.labels?.[Labels.bot] !== name || isDeleting(revision) || isHandsOff(revision)) return false;
  return metadata.name === revisionNameOf(name, spec);
}

/**
 * The metadata of a template is no part of its name: after a revert, or a retry from another commit, a revision that was there before is of the new
 * commit. What else it bears is left alone, and so is a revision that a person applied.
 */
async function copyMetadata({ client }: BotDeps, { uid, revisions }: BotWork, revision: BotRevision, { metadata }: ReturnType<typeof makeRevision>): Promise<BotRevision> {
  const { labels = {}, annotations = {} } = metadata;
  const isCopied = bears(revision.metadata.labels, labels) && bears(revision.metadata.annotations, annotations);
  if (isCopied || controllerOf(revision)?.uid !== uid || isHandsOff(revision)) return revision;
  const copied = await client.patch(REVISIONS, refOf(revision), { type: 'merge', body: { metadata: { labels, annotations } } }, { fieldManager: FIELD_MANAGER });
  // Who fails in this very reconcile is named with the new commit already.
  const at = revisions.indexOf(revision);
  if (at >= 0) revisions[at] = copied;
  return copied;
}

const bears = (has: Readonly<Record<string, string>> = {}, wanted: Readonly<Record<string, string>>): boolean => Object.entries(wanted).every(([name, value]) => has[name] === value);

/**
 * The revision that status names for this very generation: neither its spec nor the template can have changed since, so nothing is compared again.
 * Undefined also for templates that name a ConfigMap, whose content changes without them.
 */
function ofSameGeneration({ bot, uid, draft, revisions }: BotWork): BotRevision | undefined {
  if (draft.observedGeneration !== bot.metadata.generation || draft.latestCreatedRevision === undefined || templateOf(bot).spec.source.configMapRef) return undefined;
  return revisions.find((known) => known.metadata.name === draft.latestCreatedRevision && controllerOf(known)?.uid === uid && !isDeleting(known));
}

/** Digest of the ConfigMap that the template names; none for an inline spec. */
async function resolveContent(deps: BotDeps, { bot }: BotWork): Promise<{ digest?: string } | { outcome: Outcome }> {
  const ref = templateOf(bot).spec.source.configMapRef;
  if (!ref) return {};
  const namespace = bot.metadata.namespace ?? '';
  // Read only when the watch says that it exists: a missing one must not cost a request in each reconcile.
  const version = deps.configMaps.get({ namespace, name: ref.name })?.metadata.resourceVersion;
  const digest = version === undefined ? undefined : await deps.digests.of(deps.client, namespace, ref, version);
  if (digest === undefined) return { outcome: waiting(Reasons.ConfigMapMissing, missingConfigMap(namespace, ref)) };
  return { digest };
}

async function create(deps: BotDeps, work: BotWork, desired: ReturnType<typeof makeRevision>): Promise<BotRevision> {
  try {
    const created = await deps.client.create(REVISIONS, desired, { fieldManager: FIELD_MANAGER });
    deps.events.record(work.bot, { type: 'Normal', reason: Reasons.RevisionCreated, action: 'CreateRevision', note: `made BotRevision ${desired.metadata.name}`, related: created });
    deps.log.info({ botId: work.botId, revision: desired.metadata.name }, 'revision created');
    deps.failpoints.hit('after-revision-created');
    return created;
  } catch (error) {
    // The cache was a moment old, or the name belongs to another Bot's revision.
    const existing = isAlreadyExists(error) ? await deps.client.get(REVISIONS, { namespace: desired.metadata.namespace ?? '', name: desired.metadata.name }) : undefined;
    if (existing) return existing;
    throw error;
  }
}

function outcomeOf(deps: BotDeps, work: BotWork, revision: BotRevision): Outcome {
  const { name, creationTimestamp } = revision.metadata;
  const conditions = revision.status?.conditions;
  if (isTrue(conditions, Conditions.Ready)) return done(Reasons.Ready, `${name} is ready`);

  const stalled = getCondition(conditions, Conditions.Stalled);
  if (stalled?.status === 'True') return failed(stalled.reason as Reason, stalled.message);
  const ready = getCondition(conditions, Conditions.Ready);
  const reason = (ready?.reason ?? Reasons.Progressing) as Reason;
  const message = ready?.message ?? `BotRevision ${name} is being built`;

  const deadlineMs = (work.bot.spec.rollout?.progressDeadlineSeconds ?? 600) * 1_000;
  const leftMs = Date.parse(creationTimestamp ?? '') + deadlineMs - deps.nowMs();
  if (leftMs <= 0) return failed(Reasons.ProgressDeadlineExceeded, `${name} is not ready after ${deadlineMs / 1_000} s (${reason}: ${message}); it is still tried`);
  return waiting(reason, message, leftMs);
}
