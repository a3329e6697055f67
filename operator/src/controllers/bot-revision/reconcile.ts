import { BOT_REVISIONS, NotLeaderError, getCondition, hasFinalizer, isDeleting, isTrue, releaseFinalizer, statusEquals, typed } from '@botplane/k8s';
import type { BotRevision, ReconcileResult } from '@botplane/k8s';
import { FIELD_MANAGER, REVISION_FINALIZER, STATUS_MANAGER, secretsKey } from '../../names.ts';
import { done, failed, settle, toOutcome, waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Conditions, Reasons } from '../../reasons.ts';
import { removeArtefacts } from './artefacts.ts';
import { dropCode, isInUse, observeRevision } from './observe.ts';
import type { Proof, RevisionDeps, RevisionWork } from './observe.ts';
import { follow, prove } from './prove.ts';
import { ensurePublished } from './publish.ts';
import { resolveSource } from './secrets.ts';
import { ensureTested } from './tests.ts';
import { revisionConditions } from './status.ts';

const REVISIONS = typed<BotRevision>(BOT_REVISIONS);

/** Level-based: source, publish, load, probe; each phase only after the one before it. */
export async function reconcileRevision(deps: RevisionDeps, key: string): Promise<ReconcileResult> {
  const known = deps.fresh.newest(key, deps.revisions.get(key));
  if (!known) return {};
  const work = observeRevision(deps, known);
  if (isDeleting(known)) return release(deps, work);

  const source = await settle(() => resolveSource(deps, work));
  const published = source.state === 'done' ? await publishOnce(deps, work) : waiting(Reasons.Pending, 'waits for its source');
  const { loaded, healthy } = published.state === 'done' ? await proveOnce(deps, work) : NOT_PUBLISHED;
  const followed = await settle(() => follow(deps, work));
  dropCode(work);
  const tested = published.state === 'done' ? await testOnce(deps, work) : undefined;

  await writeStatus(deps, work, { source, published, loaded, followed, healthy, tested });
  const outcomes = [source, published, loaded, healthy, followed, ...(tested ? [tested] : [])];
  const thrown = outcomes.find((outcome) => outcome.error !== undefined);
  if (thrown) throw thrown.error;
  const rechecks = outcomes.flatMap((outcome) => outcome.recheckMs ?? []);
  return rechecks.length > 0 ? { requeueAfterMs: Math.min(...rechecks) } : {};
}

const testOnce = async (deps: RevisionDeps, work: RevisionWork): Promise<Outcome | undefined> => ensureTested(deps, work).catch(toOutcome);

const NOT_PUBLISHED: Proof = { loaded: waiting(Reasons.Pending, 'waits to be published'), healthy: waiting(Reasons.Pending, 'waits to be loaded') };

/** Loaded and Healthy are proved once; eviction, scaling and restarts do not take them away, only quarantine takes Healthy. */
async function proveOnce(deps: RevisionDeps, work: RevisionWork): Promise<Proof> {
  const { conditions } = work.revision.status ?? {};
  const quarantined = quarantineOf(deps, work);
  if (isTrue(conditions, Conditions.Loaded) && quarantined) return { loaded: done(Reasons.Loaded, 'a runtime pod has loaded it'), healthy: quarantined };
  if (isTrue(conditions, Conditions.Loaded) && isTrue(conditions, Conditions.Healthy)) {
    return { loaded: done(Reasons.Loaded, 'a runtime pod has loaded it'), healthy: done(Reasons.Probed, 'a synthetic /start was handled') };
  }
  const key = verdictKey(work);
  const known = deps.verdicts.proofs.get(key);
  if (known) return known;
  const proof = await prove(deps, work).catch((error: unknown): Proof => ({ ...NOT_PUBLISHED, loaded: toOutcome(error) }));
  if (isVerdict(proof.loaded) || isVerdict(proof.healthy)) deps.verdicts.proofs.set(key, proof);
  return proof;
}

/** A failure for good: what is looked at again may come out otherwise. */
const isVerdict = ({ state, recheckMs }: Outcome): boolean => state === 'failed' && recheckMs === undefined;

/** What condemned a revision once stays true: its code never changes. */
function quarantineOf(deps: RevisionDeps, { revision }: RevisionWork): Outcome | undefined {
  const known = getCondition(revision.status?.conditions, Conditions.Healthy);
  if (known?.reason === Reasons.Quarantined) return failed(Reasons.Quarantined, known.message);
  const cause = deps.quarantine.causeOf(verdictKeyOf(revision));
  if (cause === undefined) return undefined;
  const message = `3 steps within 10 minutes had to be ended by force, so it runs apart from other bots (the last one: ${cause}); publish a revision without such steps`;
  deps.events.record(revision, { type: 'Warning', reason: Reasons.Quarantined, action: 'Quarantine', note: message });
  return failed(Reasons.Quarantined, message);
}

async function publishOnce(deps: RevisionDeps, work: RevisionWork): Promise<Outcome> {
  const key = verdictKey(work);
  const known = deps.verdicts.published.get(key);
  if (known) return known;
  const outcome = await settle(() => ensurePublished(deps, work));
  if (outcome.state === 'failed') deps.verdicts.published.set(key, outcome);
  return outcome;
}

const verdictKeyOf = ({ metadata }: BotRevision): string => metadata.uid ?? '';
const verdictKey = ({ revision }: RevisionWork): string => verdictKeyOf(revision);

async function writeStatus(deps: RevisionDeps, work: RevisionWork, phases: { source: Outcome; published: Outcome; loaded: Outcome; followed: Outcome; healthy: Outcome; tested: Outcome | undefined }): Promise<void> {
  const { revision, draft } = work;
  const { generation = 0 } = revision.metadata;
  draft.observedGeneration = generation;
  draft.conditions = revisionConditions(draft.conditions, { ...phases, generation, inUse: isInUse(deps, work) }, new Date(deps.nowMs()).toISOString());
  if (statusEquals(revision.status, draft)) return;
  deps.fresh.remember(await deps.client.replaceStatus(REVISIONS, { ...revision, status: draft }, { fieldManager: STATUS_MANAGER }));
}

/** Deleted: the object goes as soon as no route names it. */
async function release(deps: RevisionDeps, work: RevisionWork): Promise<ReconcileResult> {
  if (isInUse(deps, work)) return {};
  const { name, uid = '' } = work.revision.metadata;
  const key = secretsKey(work.botId, name);
  if ((work.revision.spec.secretRefs ?? []).length > 0 && (await deps.stores.credentials.get(key))) await deps.stores.credentials.delete(key);
  await cleanBucket(deps, work);
  await releaseFinalizer(deps.client, REVISIONS, work.revision, REVISION_FINALIZER, { fieldManager: FIELD_MANAGER });
  deps.verdicts.published.delete(uid);
  deps.verdicts.proofs.delete(uid);
  deps.quarantine.forget(uid);
  deps.holds.release(uid);
  return {};
}

/** A bucket that does not answer keeps the object for a while only. */
async function cleanBucket(deps: RevisionDeps, work: RevisionWork): Promise<void> {
  if (!hasFinalizer(work.revision, REVISION_FINALIZER)) return;
  try {
    await removeArtefacts(deps, work);
  } catch (err) {
    const ageMs = deps.nowMs() - Date.parse(work.revision.metadata.deletionTimestamp ?? '');
    if (err instanceof NotLeaderError || ageMs < deps.settings.cleanupMsMax) throw err;
    deps.log.error({ err, botId: work.botId, revision: work.key }, 'artefacts of a deleted revision stay in the bucket');
  }
}
