import type { StateKeyKind } from '@botplane/domain';
import { BOTS, BOT_REVISIONS, ensureFinalizer, getCondition, isTrue, typed } from '@botplane/k8s';
import type { Bot, BotRevision } from '@botplane/k8s';
import { FIELD_MANAGER, REVISION_FINALIZER, STATUS_MANAGER } from '../../names.ts';
import { DRAIN_GRACE_MS, DRAIN_LOOK_MS, EVENT_NOTE_BYTES_MAX, ROUTE_RECHECK_MS } from '../../limits.ts';
import { RouteConflictError, done, failed, waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Conditions, Reasons } from '../../reasons.ts';
import { NO_FINDINGS } from './advance.ts';
import type { Findings } from './advance.ts';
import type { Analysis } from './analyst.ts';
import { checksOf } from './checks.ts';
import { decideServing, nextChangeMs, standstillLeftMs } from './decide.ts';
import type { ServingDecision, ServingInput } from './decide.ts';
import { wasRouted } from '../bot-revision/status.ts';
import { placeOf } from '../placement.ts';
import type { PoolChoice } from '../placement.ts';
import { refuseStateKey, stateKeyOfSpec } from './desired.ts';
import { viewRevision } from './observe.ts';
import type { BotDeps, BotWork, ObservedRoute } from './observe.ts';
import { rolloutPlanOf } from './rollout-plan.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import { adopt, describeRollout, readServing, writeMeasurements, writeRollout } from './rollout-status.ts';
import { deriveWebhookSecret, makeRoute, planFlip, routedNames, usedSeqOf } from './route.ts';
import type { FlipPlan } from './route.ts';
import { shorten } from './shorten.ts';
import { wantedUpdates } from './webhook.ts';

/** Decides who serves and makes it so: the decision in status first, then the route, never the other way round (design section 3). */
export async function ensureServing(deps: BotDeps, work: BotWork, route: ObservedRoute, phases: { revision: Outcome; pool: PoolChoice; gate: Gate | undefined }): Promise<Serving> {
  const plan = rolloutPlanOf(work.bot);
  adoptRoute(deps, work, route, plan);
  const placed = placements(work, route, phases.pool);
  const refused = await stateKeyChange(deps, work, route);
  const isRouted = route.own !== undefined && route.own.routeSeq === work.draft.routeSeq;
  const analysis = analyse(deps, work, isRouted);
  const drained = await findDrained(deps, work);
  const clock = deps.rolloutClocks.look(work.uid, { rollout: `${work.draft.latestCreatedRevision}/${plan.retry ?? ''}`, isPaused: isPaused(work, plan), obstacle: obstacleOf(deps, work, placed, phases.pool) }, deps.nowMs());
  const decision = decide(deps, work, { plan, drained, clock, placed, refused: refused?.revision, isRouted, gate: phases.gate, findings: analysis?.findings ?? NO_FINDINGS });
  const ready = newestReady(work);
  if (ready !== undefined) work.draft.latestReadyRevision = ready;
  const { revision } = decision;
  const telegram = work.draft.telegram;
  if (revision === undefined) return { outcome: explainWaiting(work, decision, plan, { ...phases, refused: refused?.outcome }) };
  if (!telegram) return { outcome: waiting(Reasons.Pending, 'waits for the token') };
  const runtimes = placeAll(routedNames({ ...decision, revision }), placed);
  // The route was lost, and the pool takes nothing new: whoever knew the last route goes on with it.
  if (!runtimes) return { outcome: waiting(Reasons.Pending, 'waits for a pool that takes it') };

  const webhookSecret = deriveWebhookSecret(deps.settings.tokenInstallKey.bytes, work.uid, work.botId);
  const hashes = revHashes(work, route);
  const wanted = makeRoute({
    botId: work.botId, uid: work.uid, decision: { ...decision, revision }, revHashes: hashes, polledUpdates: await polledUpdates(deps, work, hashes, decision), runtimes,
    stateKey: await stateKeyOf(deps, work, route, revision), webhookSecret, telegram,
  });
  const flipPlan = planFlip(recorded(work), route.own, wanted, usedSeq(deps, work, route));
  const before = work.draft.canaryRevision;
  writeRollout(work.draft, decision);
  if (flipPlan.kind !== 'none') await flip(deps, work, route, { plan: flipPlan, decision, wanted });
  tell(deps, work, decision, before);

  writeMeasurements(work.draft, decision.candidate ? (analysis?.measurements ?? []) : []);
  const rechecks = [decision.waits?.for === 'route' && !isRouted ? ROUTE_RECHECK_MS : nextChangeMs(decision, plan, deps.nowMs()), firstLookMs(decision, analysis), standstillMs(deps, work, plan, clock), decision.superseded.length > 0 ? DRAIN_LOOK_MS : undefined].filter((ms) => ms !== undefined);
  const recheckMs = rechecks.length > 0 ? Math.min(...rechecks) : undefined;
  const outcome = revision === decision.wanted ? done(Reasons.Serving, `${revision} serves all traffic`) : explainWaiting(work, decision, plan, { ...phases, refused: refused?.outcome });
  return { outcome: withRecheck(outcome, recheckMs), decision };
}

/** Superseded revisions on which no conversation is left. */
async function findDrained(deps: BotDeps, { botId, draft }: BotWork): Promise<ReadonlySet<string>> {
  const drained = new Set<string>();
  for (const { revision, since } of draft.superseded ?? []) {
    if (deps.nowMs() - Date.parse(since) >= DRAIN_GRACE_MS && (await deps.conversations.isDrained(botId, revision, since))) drained.add(revision);
  }
  return drained;
}

/** What is measured of the candidate that has traffic; undefined when there is none. */
function analyse({ analyst }: BotDeps, { key, botId, bot, draft }: BotWork, isRouted: boolean): Analysis | undefined {
  const { candidate, revision, observedRetry } = readServing(draft, isRouted);
  if (candidate && revision !== undefined) return analyst.look({ key, botId, stable: revision, candidate, observedRetry, checks: checksOf(bot) });
  analyst.forget(key);
  return undefined;
}

/** A candidate that got its first traffic now is looked at at once, so that its first interval begins. */
const firstLookMs = ({ candidate }: ServingDecision, analysis: Analysis | undefined): number | undefined =>
  candidate && candidate.weight > 0 ? (analysis?.isBegun ? analysis.dueMs : 1) : undefined;

const isPaused = ({ bot: { spec } }: BotWork, plan: RolloutPlan): boolean => plan.paused || spec.suspend === true || spec.revisionName !== undefined;

/** Why the newest revision cannot serve now, though it may one day; undefined: it can, or its own conditions say that it never will. */
function obstacleOf(deps: BotDeps, work: BotWork, placed: Placed, pool: PoolChoice): string | undefined {
  const { latestCreatedRevision: latest, stableRevision: stable } = work.draft;
  const conditions = latest === stable ? undefined : work.revisions.find(({ metadata }) => metadata.name === latest)?.status?.conditions;
  if (latest === undefined || !conditions || isTrue(conditions, Conditions.Stalled)) return undefined;
  const ready = getCondition(conditions, Conditions.Ready);
  if (ready?.status !== 'True') return `${ready?.reason ?? Reasons.Pending}: ${ready?.message ?? 'it is being built'}`;
  const place = placed(latest);
  if (place === undefined) return `${pool.outcome.reason}: ${pool.outcome.message}`;
  // Pods that the stable revision uses too are nothing to hold against the new one.
  return stable !== undefined && place !== placed(stable) && deps.readyPods(place) === 0 ? `${Reasons.NoCapacity}: it has no ready pod` : undefined;
}

type Clock = ReturnType<BotDeps['rolloutClocks']['look']>;

/** When a rollout that stands still is given up. */
function standstillMs(deps: BotDeps, { draft, revisions, uid }: BotWork, plan: RolloutPlan, { standstill }: Clock): number | undefined {
  const leftMs = standstillLeftMs({ plan, current: readServing(draft, true), revisions: revisions.map((revision) => viewRevision(revision, uid)), standstill, nowMs: deps.nowMs() });
  return leftMs > 0 && Number.isFinite(leftMs) ? leftMs : undefined;
}

/** How far the decision got; the decision is left out until it could be made. */
export interface Serving {
  outcome: Outcome;
  decision?: ServingDecision;
}

type Gate = NonNullable<ServingInput['gate']>;

/** Events of what the decision changed. */
function tell(deps: BotDeps, { bot, revisions }: BotWork, { candidate, failedNow, revision }: ServingDecision, before: string | undefined): void {
  const related = (name: string) => { const found = revisions.find(({ metadata }) => metadata.name === name); return found ? { related: found } : {}; };
  if (failedNow) deps.events.record(bot, { type: 'Warning', reason: Reasons.RolloutFailed, action: 'Rollout', note: shorten(`gave up ${failedNow.revision}: ${failedNow.reason}: ${failedNow.message}`, EVENT_NOTE_BYTES_MAX), ...related(failedNow.revision) });
  if (candidate && candidate.revision !== before) deps.events.record(bot, { type: 'Normal', reason: Reasons.RolloutStarted, action: 'Rollout', note: `rolls out ${candidate.revision}`, ...related(candidate.revision) });
  if (before !== undefined && before === revision) deps.events.record(bot, { type: 'Normal', reason: Reasons.Promoted, action: 'Rollout', note: `${revision} serves all traffic`, ...related(revision) });
}

/** Pollers cannot read passports, so the route tells them what to ask for: what any revision with traffic works with. */
async function polledUpdates(deps: BotDeps, { bot, botId }: BotWork, hashes: ReadonlyMap<string, string>, { revision, candidate }: ServingDecision): Promise<readonly string[] | undefined> {
  if (bot.spec.updates !== 'Polling') return undefined;
  const known = [revision, ...(candidate && candidate.weight > 0 ? [candidate.revision] : [])].flatMap((name) => hashes.get(name ?? '') ?? []);
  return known.length === 0 ? undefined : wantedUpdates(await Promise.all(known.map((revHash) => deps.passports.get(botId, revHash))));
}

const withRecheck = (outcome: Outcome, recheckMs: number | undefined): Outcome => (recheckMs === undefined ? outcome : { ...outcome, recheckMs });

/** Status was lost, or is older than the route: what the route says is true. */
function adoptRoute(deps: BotDeps, { draft, botId }: BotWork, { own }: ObservedRoute, plan: RolloutPlan): void {
  if (!own || own.state === 'Deleted' || own.routeSeq <= (draft.routeSeq ?? 0)) return;
  adopt(draft, own, plan, deps.nowMs());
  deps.log.warn({ botId, routeSeq: own.routeSeq }, 'status was behind the route; adopted the route');
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

function decide(deps: BotDeps, work: BotWork, { plan, placed, refused, isRouted, gate, findings, drained, clock }: { plan: RolloutPlan; placed: Placed; clock: Clock; drained: ReadonlySet<string>; refused: string | undefined; isRouted: boolean; gate: Gate | undefined; findings: Findings }): ServingDecision {
  const { bot, draft, uid } = work;
  return decideServing({
    suspend: bot.spec.suspend ?? false,
    pin: bot.spec.revisionName,
    latest: draft.latestCreatedRevision,
    revisions: work.revisions.map((revision) => viewRevision(revision, uid)).map((view) => (view.name === refused || placed(view.name) === undefined ? { ...view, ready: false } : view)),
    drained,
    plan, gate, findings, ...clock,
    current: readServing(draft, isRouted),
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

/** Where a revision runs; undefined: it must not be routed. */
type Placed = (revision: string) => string | undefined;

/** Of a revision whose object is gone the route says where it runs. */
const placements = ({ revisions }: BotWork, { own }: ObservedRoute, pool: PoolChoice): Placed => (name) => {
  const found = revisions.find(({ metadata }) => metadata.name === name);
  const routed = own?.revisions[name]?.runtime;
  return found ? placeOf(found, pool, routed) : routed;
};

/** Undefined: one of them has no place. */
function placeAll(names: readonly string[], placed: Placed): ReadonlyMap<string, string> | undefined {
  const places = new Map<string, string>();
  for (const name of names) {
    const place = placed(name);
    if (place === undefined) return undefined;
    places.set(name, place);
  }
  return places;
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
  candidate: draft.canaryRevision !== undefined && (draft.canaryWeight ?? 0) > 0 ? { revision: draft.canaryRevision, weight: draft.canaryWeight ?? 0 } : undefined,
  state: draft.servingState,
  superseded: (draft.superseded ?? []).map((entry) => entry.revision),
});

/** Only a Bot of which nothing is recorded has to guess. */
function usedSeq(deps: BotDeps, { bot, draft, revisions }: BotWork, { own, seq }: ObservedRoute): number {
  if (own !== undefined || draft.routeSeq !== undefined) return 0;
  const nowMs = deps.nowMs();
  const createdMs = Date.parse(bot.metadata.creationTimestamp ?? new Date(nowMs).toISOString());
  return usedSeqOf({ createdMs, formerSeq: seq, wasRouted: revisions.some(({ status }) => wasRouted(status?.conditions)) }, nowMs);
}

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
  deps.log.info({ botId: work.botId, revision: decision.revision, split: wanted.split, routeSeq: plan.routeSeq, state: decision.state }, 'route written');
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

interface Phases {
  revision: Outcome;
  gate: Gate | undefined;
  refused: Outcome | undefined;
}

/** Why the wanted revision does not serve, or not alone. */
function explainWaiting(work: BotWork, decision: ServingDecision, plan: RolloutPlan, { revision, gate, refused }: Phases): Outcome {
  if (refused) return refused;
  if (work.bot.spec.revisionName !== undefined) return explainPin(work, work.bot.spec.revisionName);
  const given = decision.failed.find((entry) => entry.revision === decision.wanted);
  if (given) return failed(given.reason, `${given.revision} was given up: ${given.message}; change the template, or set spec.rollout.retry to another word${plan.abort === given.revision ? ' and remove spec.rollout.abort' : ''}`);
  const { candidate, waits } = decision;
  if (candidate && waits) {
    const isOwnCause = waits.for === 'person' || waits.for === 'answer';
    return waiting(isOwnCause ? waits.cause.reason : Reasons.RollingOut, describeRollout(candidate, waits, plan));
  }
  if (revision.state !== 'done') return revision;
  return gate ? waiting(gate.cause.reason, gate.cause.message) : waiting(Reasons.Progressing, `${decision.wanted ?? 'the new revision'} is about to take over`);
}

function explainPin(work: BotWork, pin: string): Outcome {
  const pinned = work.revisions.find((revision) => revision.metadata.name === pin);
  if (!pinned) return waiting(Reasons.PinnedRevisionMissing, `spec.revisionName names ${pin}, but this Bot has no such BotRevision; correct or remove the field`);
  const cause = pinned.status?.conditions?.find((condition) => condition.type === 'Ready')?.message;
  return waiting(Reasons.RevisionNotReady, `spec.revisionName names ${pin}, which is not ready${cause ? `: ${cause}` : ''}`);
}
