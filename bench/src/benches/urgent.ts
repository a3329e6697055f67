import type { BenchRun } from '../framework/bench-run.ts';
import { median } from '../framework/statistics.ts';
import { LoadProcess } from '../load/load-process.ts';
import type { Drive, Target } from '../load/orders.ts';
import { Crowd } from './crowd.ts';

const P99_MS_MAX = 1_000;
const FULL_MS = 8_000;
const QUICK_MS = 5_000;
const PEOPLE = { chats: 64, warmUpMs: 500, outstandingMax: 2_000, sendingMax: 40 } as const;
const CHECKOUTS_PER_SECOND = 50;
const CONNECTIONS = 40;

/** Queries before a payment, from the webhook to the answer, at a bot that is stuck in 64 chats and at others, while one bot loops. */
export async function urgent(bench: BenchRun): Promise<boolean> {
  const load = await LoadProcess.start();
  const crowd = await Crowd.start(load, ['ingress', 'executor', 'runtime', 'delivery']);
  try {
    const urls = [crowd.stuck, ...crowd.bots].map(({ botId, webhookSecret }) => ({ url: `${crowd.install.url('ingress')}/wh/${botId}`, secret: webhookSecret }));
    const target: Target = { via: 'webhook', urls, connections: CONNECTIONS };
    const drive: Drive = { ...PEOPLE, target, what: 'pre_checkout', perSecond: CHECKOUTS_PER_SECOND, ms: bench.isQuick ? QUICK_MS : FULL_MS };
    await load.drive({ ...drive, what: 'message', ms: 500, target: { ...target, urls: urls.slice(1) } }); // Makes isolates and lets everything compile.
    await crowd.getStuck();
    const { of, foreignShare } = await bench.measure({ crowded: () => load.drive(drive) });
    console.log(`sample: ${bench.rounds} rounds of ${drive.ms / 1_000} s, ${CHECKOUTS_PER_SECOND} checkouts/s over ${urls.length} bots; ${crowd.held} API calls held; p50 ${median(of.crowded.map(({ p50Ms }) => p50Ms)).toFixed(1)} ms`);
    return bench.report({ kind: 'absolute', figure: 'pre_checkout_p99', values: of.crowded.map(({ p99Ms }) => p99Ms), unit: 'ms', limit: { max: P99_MS_MAX }, foreignShare });
  } finally {
    await crowd.stop();
    load.stop();
  }
}
