import { getCondition, isNotFound, isTrue } from '@botplane/k8s';
import type { Bot } from '@botplane/k8s';
import { setTimeout as sleep } from 'node:timers/promises';
import { weightsOf } from '../bot-view.ts';
import { BOT, botName, readBot } from '../cluster.ts';
import type { Cluster } from '../cluster.ts';
import { EXIT } from '../io.ts';
import type { ExitCode, Io } from '../io.ts';
import { STATUS_POLL_MS, STATUS_WAIT_S_DEFAULT } from '../limits.ts';
import { printed } from '../render.ts';
import type { Context } from './command.ts';

/** What became of a Bot, for people and scripts. */
export interface Verdict {
  /** `Ready`: this generation serves. `Paused`: it waits for a person. `Failed`: nothing helps but a change. `Progressing`: it goes on by itself. */
  state: 'Ready' | 'Paused' | 'Failed' | 'Progressing';
  message: string;
}

/** `status BOT [--wait] [--timeout 5m]`: exit code 0 when this generation serves, 1 when it failed, 3 while it is under way or paused. */
export async function statusCommand({ io, flags, words, cluster }: Context): Promise<ExitCode> {
  const name = botName(words[0]);
  const open = cluster();
  const deadlineMs = Date.now() + (flags.timeoutS ?? STATUS_WAIT_S_DEFAULT) * 1_000;
  const isWaiting = flags.wait || flags.watch || flags.timeoutS !== undefined;
  let said = '';
  for (;;) {
    const bot = await readBot(open, name);
    const verdict = judge(bot);
    const isOver = !isWaiting || verdict.state === 'Ready' || verdict.state === 'Failed' || Date.now() >= deadlineMs || io.interrupted.aborted;
    if (isOver) return report(io, flags, bot, verdict, isWaiting);
    said = progress(io, verdict, said);
    await changeOf(open, name, bot, Math.min(STATUS_POLL_MS, deadlineMs - Date.now()), io.interrupted);
  }
}

/** Reads the conditions as kstatus does, and tells a rollout that waits for a person from one that goes on. Pure. */
export function judge(bot: Bot): Verdict {
  const { status, metadata } = bot;
  const [ready, stalled] = [getCondition(status?.conditions, 'Ready'), getCondition(status?.conditions, 'Stalled')];
  if (status === undefined || (status.observedGeneration ?? 0) < (metadata.generation ?? 0) || !ready) return { state: 'Progressing', message: 'the operator has not seen this generation yet' };
  const message = `${ready.reason}${ready.message ? `: ${ready.message}` : ''}`;
  if (stalled?.status === 'True') return { state: 'Failed', message: `${stalled.reason}: ${stalled.message}` };
  if (ready.status === 'True') return { state: 'Ready', message };
  return { state: underway(bot), message };
}

function underway({ status, spec }: Bot): Verdict['state'] {
  const hasFailed = status?.failedRevisions?.some(({ revision }) => revision === status.latestCreatedRevision) ?? false;
  if (hasFailed && spec.revisionName === undefined) return 'Failed';
  return spec.rollout?.paused === true || isTrue(status?.conditions, 'RolloutPaused') ? 'Paused' : 'Progressing';
}

const CODES: Readonly<Record<Verdict['state'], ExitCode>> = { Ready: EXIT.good, Failed: EXIT.found, Paused: EXIT.underway, Progressing: EXIT.underway };

function report(io: Io, flags: Context['flags'], bot: Bot, verdict: Verdict, isWaiting: boolean): ExitCode {
  const weights = Object.fromEntries(weightsOf(bot));
  const value = { bot: bot.metadata.name, namespace: bot.metadata.namespace, ...verdict, weights };
  if (!printed(io, flags.output, value, [`bot.botplane.dev/${bot.metadata.name}`])) {
    io.out(`${bot.metadata.name}: ${verdict.state} - ${verdict.message}`);
    for (const [revision, weight] of Object.entries(weights)) io.out(`  ${revision}  ${weight} %`);
  }
  if (isWaiting && CODES[verdict.state] === EXIT.underway) io.err('time is up');
  return CODES[verdict.state];
}

function progress(io: Io, { state, message }: Verdict, said: string): string {
  const line = `${state} - ${message}`;
  if (line !== said) io.err(line);
  return line;
}

/** Returns when the Bot changed, or after the given time. */
async function changeOf({ client, namespace }: Cluster, name: string, bot: Bot, ms: number, interrupted: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([AbortSignal.timeout(Math.max(1, ms)), interrupted]);
  try {
    const events = client.watch(BOT, { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion: bot.metadata.resourceVersion ?? '', signal });
    for await (const { type } of events) if (type !== 'BOOKMARK') return;
  } catch (error) {
    if (isNotFound(error)) throw error;
    // A watch that is refused or cut: look again a little later.
    if (!signal.aborted) await sleep(Math.min(1_000, ms), undefined, { signal }).catch(() => undefined);
  }
}
