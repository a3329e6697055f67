import { artefactKey } from '@botplane/contracts';
import type { ApiCallResult, GuestInput, GuestOutput, RuntimeRecord } from '@botplane/contracts';
import { podWeight } from '@botplane/domain';
import { isDeleting, isTrue } from '@botplane/k8s';
import type { ProbeResult } from '../../adapters/runtime-client.ts';
import { LOAD_PODS_TRIED_MAX, PROBE_REQUESTS_MAX, RECHECK_MS } from '../../limits.ts';
import { AwayError, done, failed, waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Conditions, Reasons } from '../../reasons.ts';
import { runtimeRefOf } from '../bot/observe.ts';
import { checkPool } from '../bot-runtime/access.ts';
import { dedicatedName } from '../bot-runtime/pod-set.ts';
import { runtimeKeyOf } from '../placement.ts';
import { isInUse } from './observe.ts';
import type { Proof, RevisionDeps, RevisionWork } from './observe.ts';

const NOT_PROBED = waiting(Reasons.Pending, 'waits to be loaded');

/** Loads the revision on one ready pod of its pool, if its Bot may use that, and runs one synthetic update there. */
export async function prove(deps: RevisionDeps, work: RevisionWork): Promise<Proof> {
  const { bot } = work;
  if (!bot) return { loaded: waiting(Reasons.BotMissing, `Bot ${work.revision.spec.botRef.name} does not exist`), healthy: NOT_PROBED };
  const { namespace, name } = runtimeRefOf(bot, deps.settings.namespace);
  const access = await checkPool(deps, { namespace, name }, bot.metadata.namespace ?? '');
  if (access.state !== 'done') return { loaded: access, healthy: NOT_PROBED };
  const key = runtimeKeyOf(work.revision, bot, deps.settings.namespace);
  const pods = deps.readyPods(key);
  if (pods.length === 0) {
    const whose = work.revision.spec.isolation === 'Dedicated' ? `Deployment ${dedicatedName(work.revision.metadata.name)}` : `BotRuntime ${namespace}/${name}`;
    const trouble = deps.podTroubleOf(work.key);
    return { loaded: waiting(Reasons.NoCapacity, `${whose} has no ready pod${trouble === undefined ? '' : `: ${trouble}`}`), healthy: NOT_PROBED };
  }

  const loaded = await load(deps, work, pods);
  if (loaded.address === undefined) return { loaded: loaded.outcome, healthy: NOT_PROBED };
  work.draft.runtime = key;
  deps.failpoints.hit('after-loaded');
  return { loaded: loaded.outcome, healthy: await probe(deps, work, loaded.address) };
}

/**
 * Loads a proved revision that is in use in the pool that its Bot names, when that is another one than before: the Bot moves there only then. The
 * conditions of the proof stay as they are; that a pool cannot be used, or has no pod, the Bot itself says.
 */
export async function follow(deps: RevisionDeps, work: RevisionWork): Promise<Outcome> {
  const { bot, revision, draft } = work;
  const settled = done(Reasons.Loaded, '');
  if (!bot || isDeleting(bot) || draft.runtime === undefined || !isTrue(revision.status?.conditions, Conditions.Loaded)) return settled;
  const key = runtimeKeyOf(revision, bot, deps.settings.namespace);
  if (draft.runtime === key || !isInUse(deps, work)) return settled;
  const access = await checkPool(deps, runtimeRefOf(bot, deps.settings.namespace), bot.metadata.namespace ?? '');
  const pods = deps.readyPods(key);
  if (access.state !== 'done' || pods.length === 0) return { ...settled, ...(access.recheckMs === undefined ? {} : { recheckMs: access.recheckMs }) };
  const { outcome, address } = await load(deps, work, pods);
  if (address === undefined) return { ...outcome, recheckMs: RECHECK_MS };
  draft.runtime = key;
  deps.log.info({ botId: work.botId, revision: revision.metadata.name, runtime: key }, 'loaded where the bot is to move');
  return outcome;
}

async function load(deps: RevisionDeps, work: RevisionWork, pods: RuntimeRecord['pods']): Promise<{ outcome: Outcome; address?: string }> {
  const { revHash, sha256 } = work.draft.artifact ?? { revHash: '', sha256: '' };
  const code = (work.code ??= await deps.artefacts.get(artefactKey(work.botId, revHash, 'bot.js'), sha256));
  const limits = work.revision.spec.limits ?? {};
  const request = { bot_id: work.botId, rev_hash: revHash, sha256, code: Buffer.from(code.buffer, code.byteOffset, code.byteLength), limits: { memory_mib: limits.memoryMiB ?? 0, cpu_ms: limits.cpuMs ?? 0 } };
  let isFull = false;
  for (const { address, name } of byPreference(pods, work.botId).slice(0, LOAD_PODS_TRIED_MAX)) {
    const result = await deps.pods.load(address, request);
    if (result.kind === 'loaded') return { outcome: done(Reasons.Loaded, 'a runtime pod has loaded it'), address };
    if (result.kind === 'refused') return { outcome: failed(Reasons.LoadRefused, `the runtime refused the code: ${result.message}`) };
    isFull ||= result.kind === 'full';
    deps.log.warn({ botId: work.botId, pod: name, message: result.message }, 'load failed');
  }
  if (isFull) throw new AwayError(Reasons.NoCapacity, 'the runtime pods have no room for another revision; trying again');
  throw new AwayError(Reasons.RuntimeAway, 'no runtime pod answered; trying again');
}

/** The pod that executors will send the bot to comes first. */
const byPreference = (pods: RuntimeRecord['pods'], botId: string): RuntimeRecord['pods'] => pods.toSorted((a, b) => podWeight(botId, b.uid) - podWeight(botId, a.uid));

async function probe(deps: RevisionDeps, work: RevisionWork, address: string): Promise<Outcome> {
  let input = makeProbeInput(work, deps.nowMs());
  for (let requests = 0; requests <= PROBE_REQUESTS_MAX; requests++) {
    const result = await deps.pods.probe(address, { bot_id: work.botId, rev_hash: work.draft.artifact?.revHash ?? '', input_json: JSON.stringify(input) });
    const verdict = judge(result);
    if ('outcome' in verdict) return verdict.outcome;
    input = { ...input, resume: { continuation: verdict.continuation, result: STUB } };
  }
  return failed(Reasons.ProbeFailed, `a synthetic /start made more than ${PROBE_REQUESTS_MAX} requests`);
}

/** No real request is made for a probe: the way out of a failed call is what every bot must have. */
const STUB: ApiCallResult = { ok: false, code: 'network' };

/** What the answer means: an outcome, or a request that is to be answered first. Effects are thrown away. */
function judge(result: ProbeResult): { outcome: Outcome } | { continuation: NonNullable<GuestOutput['request']>['continuation'] } {
  if (result.kind === 'guestFault') return { outcome: failed(Reasons.ProbeFailed, `a synthetic /start failed: ${result.message}`) };
  if (result.kind === 'away') throw new AwayError(Reasons.RuntimeAway, 'the runtime pod did not run the probe; trying again');
  const output = parseOutput(result.json);
  if (!output) return { outcome: failed(Reasons.ProbeFailed, 'a synthetic /start returned something that is no result') };
  return output.request ? { continuation: output.request.continuation } : { outcome: done(Reasons.Probed, 'a synthetic /start was handled') };
}

function parseOutput(json: string): GuestOutput | undefined {
  try {
    const output = JSON.parse(json) as Partial<GuestOutput> | null;
    const isOutput = typeof output === 'object' && output !== null && typeof output.outcome?.kind === 'string' && Array.isArray(output.effects);
    return isOutput ? (output as GuestOutput) : undefined;
  } catch {
    return undefined;
  }
}

function makeProbeInput({ revision, bot, botId }: RevisionWork, nowMs: number): GuestInput {
  const chat = { id: 1, type: 'private', first_name: 'Probe' };
  const from = { id: 1, is_bot: false, first_name: 'Probe', language_code: 'en' };
  const message = { message_id: 1, date: Math.floor(nowMs / 1_000), chat, from, text: '/start', entities: [{ type: 'bot_command', offset: 0, length: 6 }] };
  return {
    event: { kind: 'update', update: { update_id: 1, message } },
    state: {},
    env: {
      nowMs, bot: bot?.status?.telegram ?? { id: 1, username: 'probe_bot' }, revision: revision.metadata.name, runId: `${botId}:probe:0`,
      answerPress: true, conversation: 'own', routed: true,
    },
  };
}
