import type { StateKeyKind } from '@botplane/domain';
import { BOTS, BOT_REVISIONS, ensureFinalizer, typed } from '@botplane/k8s';
import type { Bot, BotRevision } from '@botplane/k8s';
import { FIELD_MANAGER, REVISION_FINALIZER, STATUS_MANAGER } from '../../names.ts';
import { RouteConflictError, done, failed, waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import { decideServing, nextExpiryMs } from './decide.ts';
import type { ServingDecision } from './decide.ts';
import { refuseStateKey, stateKeyOfSpec } from './desired.ts';
import { runtimeRefOf, viewRevision } from './observe.ts';
import type { BotDeps, BotWork, ObservedRoute } from './observe.ts';
import { deriveWebhookSecret, makeRoute, planFlip } from './route.ts';
import type { FlipPlan } from './route.ts';
import { wantedUpdates } from './webhook.ts';

/** Decides who serves and makes it so: the decision in status first, then the route, never the other way round (design section 3). */
export async function ensureServing(deps: BotDeps, work: BotWork, route: ObservedRoute, revisionOutcome: Outcome): Promise<Outcome> {
  adoptRoute(deps, work, route);
  const refused = await stateKeyChange(deps, work, route);
  const decision = decide(deps, work, refused?.revision);
  const ready = newestReady(work);
  if (ready !== undefined) work.draft.latestReadyRevision = ready;
  const { revision } = decision;
  const telegram = work.draft.telegram;
  if (revision === undefined) return explainWaiting(work, decision, revisionOutcome, refused?.outcome);
  if (!telegram) return waiting(Reasons.Pending, 'waits for the token');

  const webhookSecret = deriveWebhookSecret(deps.settings.tokenInstallKey.bytes, work.uid, work.botId);
  const hashes = revHashes(work, route);
  const wanted = makeRoute({
    botId: work.botId, uid: work.uid, decision: { ...decision, revision }, revHashes: hashes, polledUpdates: await polledUpdates(deps, work, hashes.get(revision)), runtime: runtimeRefOf(work.bot, deps.settings.namespace).key,
    stateKey: await stateKeyOf(deps, work, route, revision), webhookSecret, telegram,
  });
  const plan = planFlip(recorded(work), route.own, wanted);
  if (plan.kind !== 'none') await flip(deps, work, route, { plan, decision, wanted });

  if (revision !== decision.wanted) return explainWaiting(work, decision, revisionOutcome, refused?.outcome);
  return withExpiry(done(Reasons.Serving, `${revision} serves all traffic`), nextExpiryMs(decision.superseded, deps.nowMs()));
}

/** Pollers cannot read passports, so the route tells them what to ask for. */
async function polledUpdates(deps: BotDeps, { bot, botId }: BotWork, revHash: string | undefined): Promise<readonly string[] | undefined> {
  if (bot.spec.updates !== 'Polling' || revHash === undefined) return undefined;
  return wantedUpdates(await deps.passports.get(botId, revHash));
}

const withExpiry = (outcome: Outcome, recheckMs: number | undefined): Outcome => (recheckMs === undefined ? outcome : { ...outcome, recheckMs });

/** Status was lost, or is older than the route: what the route says is true. */
function adoptRoute(deps: BotDeps, work: BotWork, { own }: ObservedRoute): void {
  const { draft } = work;
  if (!own || own.state === 'Deleted' || own.routeSeq <= (draft.routeSeq ?? 0)) return;
  const stable = own.split[0]?.revision;
  const since = new Date(deps.nowMs()).toISOString().replace(/\.\d{3}Z$/, 'Z');
  draft.routeSeq = own.routeSeq;
  draft.servingState = own.state;
  if (stable !== undefined) draft.stableRevision = stable;
  draft.superseded = Object.keys(own.revisions).filter((name) => name !== stable).map((revision) => ({ revision, since }));
  deps.log.warn({ botId: work.botId, routeSeq: own.routeSeq }, 'status was behind the route; adopted the route');
}

/** State is stored by the key that the first revision chose; another one would lose it. */
async function stateKeyChange(deps: BotDeps, work: BotWork, { own }: ObservedRoute): Promise<{ revision: string; outcome: Outcome } | undefined> {
  const wanted = work.bot.spec.revisionName ?? work.draft.latestCreatedRevision;
  const revision = work.revisions.find((known) => known.metadata.name === wanted);
  const stateKey = revision && own ? await stateKeyOfRevision(deps, work, revision) : undefined;
  const message = stateKey === undefined ? undefined : refuseStateKey(stateKey, own);
  if (!revision || message === undefined) return undefined;
  return { revision: revision.metadata.name, outcome: failed(Reasons.StateKeyChanged, message) };
}

function decide(deps: BotDeps, work: BotWork, refused: string | undefined): ServingDecision {
  const { bot, draft, uid } = work;
  return decideServing({
    suspend: bot.spec.suspend ?? false,
    pin: bot.spec.revisionName,
    latest: draft.latestCreatedRevision,
    revisions: work.revisions.map((revision) => viewRevision(revision, uid)).map((view) => (view.name === refused ? { ...view, ready: false } : view)),
    current: { revision: draft.stableRevision, superseded: draft.superseded ?? [] },
    nowMs: deps.nowMs(),
  });
}

function newestReady(work: BotWork): string | undefined {
  const ready = work.revisions.map((revision) => viewRevision(revision, work.uid)).filter((view) => view.ready && view.owned);
  return ready.toSorted((a, b) => b.createdMs - a.createdMs || (a.name === work.draft.latestCreatedRevision ? -1 : 1))[0]?.name;
}

function revHashes(work: BotWork, { own }: ObservedRoute): Map<string, string> {
  const routed = Object.entries(own?.revisions ?? {}).map(([name, { revHash }]) => [name, revHash] as const);
  const published = work.revisions.flatMap(({ metadata, status }) => (status?.artifact ? [[metadata.name, status.artifact.revHash] as const] : []));
  return new Map([...routed, ...published]);
}

async function stateKeyOf(deps: BotDeps, work: BotWork, { own }: ObservedRoute, revision: string): Promise<StateKeyKind> {
  const found = work.revisions.find((known) => known.metadata.name === revision);
  return own?.stateKey ?? ((found && (await stateKeyOfRevision(deps, work, found))) || 'chat_user') as StateKeyKind;
}

/** Of an inline spec at once; of a ConfigMap's once the passport tells. */
async function stateKeyOfRevision(deps: BotDeps, { botId }: BotWork, { spec, status }: BotRevision): Promise<string | undefined> {
  if (spec.source.botSpec) return stateKeyOfSpec(spec);
  return status?.artifact ? (await deps.passports.get(botId, status.artifact.revHash)).stateKey : undefined;
}

const recorded = ({ draft }: BotWork) => ({
  routeSeq: draft.routeSeq ?? 0,
  revision: draft.stableRevision,
  state: draft.servingState,
  superseded: (draft.superseded ?? []).map((entry) => entry.revision),
});

interface Flip {
  plan: FlipPlan;
  decision: ServingDecision;
  wanted: ReturnType<typeof makeRoute>;
}

async function flip(deps: BotDeps, work: BotWork, route: ObservedRoute, { plan, decision, wanted }: Flip): Promise<void> {
  await guardRevisions(deps, work, Object.keys(wanted.revisions));
  if (plan.kind === 'decide') {
    recordDecision(work, plan.routeSeq, decision);
    await writeBotStatus(deps, work);
    deps.failpoints.hit('after-status-decision');
  }
  await putRoute(deps, work, route, { ...wanted, routeSeq: plan.routeSeq });
  deps.log.info({ botId: work.botId, revision: decision.revision, routeSeq: plan.routeSeq, state: decision.state }, 'route written');
  work.flipped = true;
  deps.failpoints.hit('after-route-put');
}

/** A revision that a route names cannot disappear under it. Those that the operator made have the finalizer from birth. */
async function guardRevisions(deps: BotDeps, work: BotWork, names: string[]): Promise<void> {
  for (const revision of work.revisions.filter(({ metadata }) => names.includes(metadata.name) && metadata.deletionTimestamp === undefined)) {
    await ensureFinalizer(deps.client, typed<BotRevision>(BOT_REVISIONS), revision, REVISION_FINALIZER, { fieldManager: FIELD_MANAGER });
  }
}

function recordDecision({ draft }: BotWork, routeSeq: number, decision: ServingDecision): void {
  draft.routeSeq = routeSeq;
  draft.servingState = decision.state;
  if (decision.revision !== undefined) draft.stableRevision = decision.revision;
  draft.superseded = decision.superseded;
}

/** Writes the draft; refused when the Bot changed since it was read. */
export async function writeBotStatus(deps: BotDeps, work: BotWork): Promise<void> {
  const next = { ...work.bot, status: structuredClone(work.draft) };
  work.bot = deps.fresh.remember(await deps.client.replaceStatus(typed<Bot>(BOTS), next, { fieldManager: STATUS_MANAGER }));
}

async function putRoute(deps: BotDeps, work: BotWork, route: ObservedRoute, record: Parameters<BotDeps['stores']['routes']['put']>[1]): Promise<void> {
  const { routes } = deps.stores;
  const written = route.revision === 0 ? await routes.create(work.botId, record) : await routes.update(work.botId, record, route.revision);
  if (written === 'conflict') throw new RouteConflictError(`the route of ${work.botId} changed since it was read`);
  route.own = record;
  route.revision = written;
}

/** Why the wanted revision does not serve. */
function explainWaiting(work: BotWork, decision: ServingDecision, revisionOutcome: Outcome, refused: Outcome | undefined): Outcome {
  if (refused) return refused;
  const pin = work.bot.spec.revisionName;
  if (pin === undefined) return revisionOutcome.state === 'done' ? waiting(Reasons.Progressing, `${decision.wanted ?? 'the new revision'} is about to take over`) : revisionOutcome;

  const pinned = work.revisions.find((revision) => revision.metadata.name === pin);
  if (!pinned) return waiting(Reasons.PinnedRevisionMissing, `spec.revisionName names ${pin}, but this Bot has no such BotRevision; correct or remove the field`);
  const cause = pinned.status?.conditions?.find((condition) => condition.type === 'Ready')?.message;
  return waiting(Reasons.RevisionNotReady, `spec.revisionName names ${pin}, which is not ready${cause ? `: ${cause}` : ''}`);
}
