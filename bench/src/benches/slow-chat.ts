import { cpuMsByProcess, describeCpu } from '../cpu.ts';
import type { BenchRun } from '../framework/bench-run.ts';
import { median } from '../framework/statistics.ts';
import { LoadProcess } from '../load/load-process.ts';
import type { Drive, Driven } from '../load/orders.ts';
import { Crowd } from './crowd.ts';

const RATIO_MAX = 1.2;
const ADDED_MS_MAX = 3;
const FULL_MS = 8_000;
const QUICK_MS = 4_000;
const OTHERS = { chats: 1_000, warmUpMs: 1_000, perSecond: 300, outstandingMax: 2_000, sendingMax: 64 } as const;

/** What people of other bots notice of 64 chats that are stuck in an apiCall and of a bot that loops, against the same without them. */
export async function slowChat(bench: BenchRun): Promise<boolean> {
  const load = await LoadProcess.start();
  const crowd = await Crowd.start(load, ['executor', 'runtime', 'delivery']);
  try {
    const held: number[] = [];
    const drive: Drive = { ...OTHERS, target: { via: 'published', natsUrl: crowd.install.broker.url, bots: crowd.bots }, ms: bench.isQuick ? QUICK_MS : FULL_MS };
    await load.drive({ ...drive, ms: 1_000 }); // Makes isolates and lets everything compile.
    const crowded = async (): Promise<Driven> => {
      await crowd.getStuck();
      const driven = await driveAndTell('crowded', load, drive);
      held.push(crowd.held);
      await crowd.release();
      return driven;
    };
    const { of, foreignShare } = await bench.measure({ alone: () => driveAndTell('alone', load, drive), crowded });
    const [alone, others] = [of.alone.map(({ p95Ms }) => p95Ms), of.crowded.map(({ p95Ms }) => p95Ms)];
    console.log(`sample: ${bench.rounds} rounds of ${drive.ms / 1_000} s at ${OTHERS.perSecond}/s over ${OTHERS.chats} chats; ${held.join(', ')} API calls held at the end of each; p50 ${p50(of.crowded)} ms, alone ${p50(of.alone)} ms; p99 ${p99(of.crowded)} ms, alone ${p99(of.alone)} ms`);
    const limit = Math.max(median(alone) * RATIO_MAX, median(alone) + ADDED_MS_MAX);
    return bench.report({ kind: 'absolute', figure: 'p95_of_others', values: others, unit: 'ms', limit: { max: Number(limit.toFixed(2)) }, reference: { what: 'alone', value: median(alone) }, foreignShare });
  } finally {
    await crowd.stop();
    load.stop();
  }
}

async function driveAndTell(what: string, load: LoadProcess, drive: Drive): Promise<Driven> {
  const before = cpuMsByProcess();
  const driven = await load.drive(drive);
  console.log(`${what}: cpu per update in µs: ${describeCpu(before, cpuMsByProcess(), driven.sent)}`);
  return driven;
}

const p50 = (driven: readonly { p50Ms: number }[]): string => median(driven.map(({ p50Ms }) => p50Ms)).toFixed(1);
const p99 = (driven: readonly { p99Ms: number }[]): string => median(driven.map(({ p99Ms }) => p99Ms)).toFixed(1);
