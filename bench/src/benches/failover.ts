import type { AuditedWrite } from '@botplane/testing';
import type { BenchRun } from '../framework/bench-run.ts';
import { OperatorWorld } from '../world/operator-world.ts';
import type { OperatorProcess } from '../world/operator-world.ts';
import { botNames } from './bots-1000.ts';

const KILLS = 20;
const KILLS_QUICK = 1;
const HANDOVERS = 5;
const HANDOVERS_QUICK = 2;
const KILL_S_MAX = 20;
const HANDOVER_S_MAX = 3;
const BOTS = 10;
const LEADER_AGENT = 'botplane-operator-leader/';
const WRITER_AGENT = 'botplane-operator/';

/**
 * The leader goes, by SIGKILL or by SIGTERM, while bots are edited: the time until another has brought the first edit after that to Ready. The audit
 * log tells whether anybody wrote who did not hold the lease.
 */
export async function failover(bench: BenchRun): Promise<boolean> {
  const world = await OperatorWorld.start();
  const names = botNames(BOTS);
  try {
    let [leader, standby] = [await world.makeOperator('operator-a'), await world.makeOperator('operator-b')];
    await leader.start();
    await standby.start();
    await world.addTokens(names);
    await world.addBots(names);
    await world.until('all bots Ready', () => names.every((name) => world.isReady(name)));
    const kills: number[] = [];
    const handovers: number[] = [];
    const round = async (end: (operator: OperatorProcess) => Promise<void>, times: number[]): Promise<void> => {
      times.push(await takeOver(world, names, end(leader), standby));
      await leader.start();
      [leader, standby] = [standby, leader];
    };
    for (let n = 0; n < (bench.isQuick ? KILLS_QUICK : KILLS); n++) await round((operator) => operator.kill(), kills);
    for (let n = 0; n < (bench.isQuick ? HANDOVERS_QUICK : HANDOVERS); n++) await round((operator) => operator.stop(), handovers);
    const foreign = writesByOthers(world.cluster.audited());
    for (const line of foreign.slice(0, 5)) console.log(line);
    console.log(`sample: ${kills.length} kills (${kills.map((s) => s.toFixed(1)).join(' ')} s), ${handovers.length} handovers (${handovers.map((s) => s.toFixed(1)).join(' ')} s), 5 edits a second meanwhile`);
    return bench.report(
      { kind: 'absolute', figure: 'killed_worst', values: [Math.max(...kills)], unit: 's', limit: { max: KILL_S_MAX } },
      { kind: 'absolute', figure: 'graceful_worst', values: [Math.max(...handovers)], unit: 's', limit: { max: HANDOVER_S_MAX } },
      { kind: 'absolute', figure: 'writes_by_non_holders', values: [foreign.length], unit: '', limit: { max: 0 } },
    );
  } finally {
    await world.stop();
  }
}

let edits = 0;

/** Seconds from the end of one operator until the other has brought an edit made then to Ready. */
async function takeOver(world: OperatorWorld, names: readonly string[], ending: Promise<void>, next: OperatorProcess): Promise<number> {
  const startMs = performance.now();
  const [first = '', ...others] = names;
  const generation = await world.editBot(first, `text ${++edits}`);
  let isOver = false;
  const editing = (async () => {
    while (!isOver) {
      await world.editBot(others[edits % others.length] ?? '', `text ${++edits}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  await world.until('another leads', () => next.isLeading(), 40_000);
  await world.until('the edit is Ready', () => world.isReady(first, generation));
  const seconds = (performance.now() - startMs) / 1_000;
  isOver = true;
  await Promise.all([editing, ending]);
  return seconds;
}

/** Writes of an operator while, by the API server's own record, another held the lease. The holder is who wrote the Lease last. */
export function writesByOthers(audited: readonly AuditedWrite[]): string[] {
  const problems: string[] = [];
  let holder: { name: string; sinceMs: number } | undefined;
  for (const write of audited.toSorted((a, b) => a.receivedMs - b.receivedMs)) {
    const { userAgent, resource, code, receivedMs } = write;
    if (userAgent.startsWith(LEADER_AGENT) && resource === 'leases' && code < 300) {
      const name = userAgent.slice(LEADER_AGENT.length);
      if (holder?.name !== name) holder = { name, sinceMs: receivedMs };
    } else if (userAgent.startsWith(WRITER_AGENT) && userAgent.slice(WRITER_AGENT.length) !== holder?.name) {
      problems.push(`${userAgent} ${write.verb} ${resource} ${write.name} while ${holder?.name ?? 'nobody'} led for ${receivedMs - (holder?.sinceMs ?? receivedMs)} ms`);
    }
  }
  return problems;
}
