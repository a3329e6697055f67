import type { RouteRecord } from '@botplane/contracts';
import { BOTS, BOT_REVISIONS, ensureFinalizer, getCondition, isDeleting, isTrue, statusEquals, typed } from '@botplane/k8s';
import type { Bot, ObjectRef, ReconcileResult } from '@botplane/k8s';
import { COLLECT_RECHECK_MS_MAX } from '../../limits.ts';
import { BOT_FINALIZER, FIELD_MANAGER } from '../../names.ts';
import { done, settle } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Conditions, Reasons } from '../../reasons.ts';
import { checkPool } from '../bot-runtime/access.ts';
import { choosePool, routedPool, unloadedAt } from '../placement.ts';
import type { PoolChoice, PoolView } from '../placement.ts';
import type { ServingDecision, ServingInput } from './decide.ts';
import { cleanUpOrphan, finalizeBot } from './deletion.ts';
import { idleMsOf, revisionsToCollect } from './desired.ts';
import { observeBot, observeRoute, runtimeRefOf, viewRevision } from './observe.ts';
import type { BotDeps, BotWork, ObservedRoute } from './observe.ts';
import { rolloutPlanOf } from './rollout-plan.ts';
import { ensureRevision } from './revision.ts';
import { ensureServing, writeBotStatus } from './serving.ts';
import { botConditions } from './status.ts';
import type { BotView } from './status.ts';
import { ensureToken } from './token.ts';
import { ensureWebhook } from './webhook.ts';

/** Level-based: the same path for create, update, restart and resync. Each phase makes one thing so, or says why it is not. */
export async function reconcileBot(deps: BotDeps, key: string): Promise<ReconcileResult> {
  const known = deps.fresh.newest(key, deps.bots.get(key));
  if (!known) return cleanUpOrphan(deps, key);
  if (isDeleting(known)) return finalizeBot(deps, known);
  deps.abandoned.delete(key);

  // Before the first effect outside the cluster.
  const bot = await ensureFinalizer(deps.client, typed<Bot>(BOTS), known, BOT_FINALIZER, { fieldManager: FIELD_MANAGER });
  const work = observeBot(deps, bot === known ? known : deps.fresh.remember(bot));

  const revision = await settle(() => ensureRevision(deps, work));
  const route = await readRoute(deps, work);
  const pool = await choosePoolOf(deps, work, route.observed?.own);
  const token = await settle(() => ensureToken(deps, work, route.observed?.own !== undefined));
  let decision: ServingDecision | undefined;
  const serving = await settle(() => whenRead(route, async (observed) => {
    const served = await ensureServing(deps, work, observed, { revision, pool, gate: gateOf(work) });
    decision = served.decision;
    return served.outcome;
  }));
  const webhook = await settle(() => whenRead(route, (observed) => ensureWebhook(deps, work, observed)));
  const collected = await settle(() => whenRead(route, (observed) => collectRevisions(deps, work, observed)));

  const outcomes = [revision, token, serving, webhook, collected, pool.outcome];
  const heldMs = work.flipped ? 0 : deps.progress.holdsBackMs(work, outcomes, deps.nowMs());
  if (heldMs > 0) return { requeueAfterMs: heldMs };
  await writeConditions(deps, work, { token, runtime: pool.outcome, revision, serving, webhook, decision }, route.observed);
  return nextStep(outcomes);
}

interface RouteRead {
  observed: ObservedRoute | undefined;
  outcome: Outcome;
}

async function readRoute(deps: BotDeps, work: BotWork): Promise<RouteRead> {
  let observed: ObservedRoute | undefined;
  const outcome = await settle(async () => {
    observed = await observeRoute(deps, work);
    return done(Reasons.Ready, '');
  });
  return { observed, outcome };
}

const whenRead = async (route: RouteRead, phase: (observed: ObservedRoute) => Promise<Outcome>): Promise<Outcome> =>
  route.observed ? phase(route.observed) : route.outcome;

/** Where the Bot may run: asked of the pool that it names, and of the one that its route names. */
async function choosePoolOf(deps: BotDeps, { bot, revisions }: BotWork, route: RouteRecord | undefined): Promise<PoolChoice> {
  const view = async (key: string, ref: ObjectRef): Promise<PoolView> => ({ key, access: await settle(() => checkPool(deps, ref, bot.metadata.namespace ?? '')), readyPods: deps.readyPods(key), unloaded: unloadedAt(key, route, revisions) });
  const { key, ...ref } = runtimeRefOf(bot, deps.settings.namespace);
  const current = routedPool(route);
  const wanted = await view(key, ref);
  return choosePool(wanted, current && (current.key === key ? wanted : await view(current.key, current.ref)));
}

/** Only with the route in hand: where status was lost, nothing else tells what serves. */
async function collectRevisions(deps: BotDeps, work: BotWork, { own }: ObservedRoute): Promise<Outcome> {
  const { draft, bot, uid } = work;
  const inUse = new Set([...Object.keys(own?.revisions ?? {}), draft.stableRevision, draft.canaryRevision, draft.latestCreatedRevision, bot.spec.revisionName, ...(draft.superseded ?? []).map((entry) => entry.revision)].filter((name) => name !== undefined));
  const bounds = { limit: bot.spec.revisionHistoryLimit ?? 5, idleMsMax: rolloutPlanOf(bot).deleteMs };
  const views = work.revisions.map((revision) => ({ ...viewRevision(revision, uid), idleMs: idleMsOf(revision, deps.nowMs()) }));
  const collected = revisionsToCollect(views, inUse, bounds);
  for (const name of collected) {
    await deps.client.delete(BOT_REVISIONS, { namespace: bot.metadata.namespace ?? '', name });
    deps.log.info({ botId: work.botId, revision: name }, 'revision collected');
  }
  const ageing = views.filter(({ name, owned, deleting }) => owned && !deleting && !inUse.has(name) && !collected.includes(name));
  // Nothing else would tell that the next one is old enough.
  return ageing.length === 0 ? done(Reasons.Ready, '') : { ...done(Reasons.Ready, ''), recheckMs: Math.min(COLLECT_RECHECK_MS_MAX, ...ageing.map(({ idleMs }) => bounds.idleMsMax - idleMs)) };
}

/** Whether the tests that the Bot asks for let the newest revision serve. */
function gateOf({ bot, draft, revisions }: BotWork): ServingInput['gate'] {
  const latest = revisions.find(({ metadata }) => metadata.name === draft.latestCreatedRevision);
  if (!rolloutPlanOf(bot).testsRequired || !latest) return undefined;
  const tested = getCondition(latest.status?.conditions, Conditions.TestsPassed);
  if (tested?.status === 'True') return undefined;
  if (tested?.reason === Reasons.TestsFailed) return { cause: { reason: Reasons.TestsFailed, message: tested.message }, isFinal: true };
  return { cause: { reason: Reasons.TestsPending, message: `the tests of ${latest.metadata.name} have not run yet` }, isFinal: false };
}

async function writeConditions(deps: BotDeps, work: BotWork, phases: Pick<BotView, 'token' | 'runtime' | 'revision' | 'serving' | 'webhook' | 'decision'>, route: ObservedRoute | undefined): Promise<void> {
  const { bot, draft } = work;
  const { generation = 0 } = bot.metadata;
  const pin = bot.spec.revisionName;
  const isNewerWaiting = pin !== undefined && draft.latestCreatedRevision !== undefined && draft.latestCreatedRevision !== pin;
  draft.observedGeneration = generation;
  draft.conditions = botConditions(draft.conditions, {
    ...phases, generation, suspended: bot.spec.suspend ?? false,
    pin: pin === undefined ? undefined : { name: pin, waiting: isNewerWaiting ? draft.latestCreatedRevision : undefined },
    available: availability(deps, work, phases, route),
  }, new Date(deps.nowMs()).toISOString());
  if (statusEquals(bot.status, draft)) return;
  if (isTrue(draft.conditions, Conditions.Ready) && work.flipped) deps.failpoints.hit('before-ready-status');
  await writeBotStatus(deps, work);
}

/** Whether an update sent now is answered; undefined when NATS cannot be asked. */
function availability(deps: BotDeps, { draft }: BotWork, { token, webhook }: Pick<BotView, 'token' | 'webhook'>, route: ObservedRoute | undefined): BotView['available'] {
  if (!route) return undefined;
  const revision = route.own?.split[0]?.revision;
  if (!route.own || revision === undefined) return { is: false, reason: Reasons.NoRevision, message: 'no revision has served yet' };
  if (route.own.state === 'Suspended') return { is: false, reason: Reasons.Suspended, message: 'suspended as asked' };
  if (token.reason === Reasons.TokenRejected) return { is: false, reason: Reasons.TokenRejected, message: 'Telegram rejects the token' };
  if (webhook.reason === Reasons.WebhookConflict) return { is: false, reason: Reasons.WebhookConflict, message: 'another program gets the updates' };
  if (draft.webhook?.url === undefined && route.own.updates !== 'Polling') return { is: false, reason: Reasons.Pending, message: 'the webhook is not registered yet' };
  const runtimeKey = route.own.revisions[revision]?.runtime;
  if (runtimeKey !== undefined && deps.readyPods(runtimeKey) === 0) return { is: false, reason: Reasons.NoCapacity, message: `no pod of ${runtimeKey.replace('_', '/')} is ready` };
  return { is: true, reason: Reasons.Serving, message: `${revision} answers` };
}

/** Errors go to the queue, which tries again with a growing pause; else the earliest time to look again. */
function nextStep(outcomes: Outcome[]): ReconcileResult {
  const thrown = outcomes.find((outcome) => outcome.error !== undefined);
  if (thrown) throw thrown.error;
  const times = outcomes.flatMap((outcome) => (outcome.recheckMs === undefined ? [] : [outcome.recheckMs]));
  return times.length > 0 ? { requeueAfterMs: Math.max(1, Math.min(...times)) } : {};
}
