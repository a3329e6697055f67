import type { BenchRun } from '../framework/bench-run.ts';
import type { Figure } from '../framework/figures.ts';
import { median, percentile } from '../framework/statistics.ts';
import { IngressWorld } from '../world/ingress-world.ts';

const P50_MS_MAX = 3;
const P99_MS_MAX = 10;
const LOAD_SHARE = 0.5;
const MAXIMUM_MS = 3_000;
const ROUND_MS = 8_000;
const ROUND_MS_QUICK = 5_000;

/**
 * Time until an update is acknowledged, sync always, at half of the maximum load that was measured just before. Nothing is pinned: on one
 * processor a garbage collection of one process would hold up all. The bare server's time at the same load is beside it: what the disk takes.
 */
export async function ingressAck(bench: BenchRun): Promise<boolean> {
  const world = await IngressWorld.start({ syncAlways: true, isPinned: false });
  try {
    await world.sendToIngress({ kind: 'closed', durationMs: MAXIMUM_MS });
    await world.sendToBare({ kind: 'closed', durationMs: MAXIMUM_MS });
    const maximum = (await world.sendToIngress({ kind: 'closed', durationMs: MAXIMUM_MS })).acceptedPerSecond;
    const ratePerSecond = maximum * LOAD_SHARE;
    const load = { kind: 'open', ratePerSecond, durationMs: bench.isQuick ? ROUND_MS_QUICK : ROUND_MS } as const;
    const { of, foreignShare } = await bench.measure({
      ack: async () => (await world.sendToIngress(load)).latenciesMs,
      bare: async () => (await world.sendToBare(load)).latenciesMs,
    });
    console.log(`sample: ${of.ack.flat().length} updates at ${ratePerSecond.toFixed(0)}/s of at most ${maximum.toFixed(0)}/s`);
    const figure = (name: string, share: number, max: number): Figure => ({
      kind: 'absolute', figure: name, values: of.ack.map((times) => percentile(times, share)), unit: 'ms', limit: { max }, foreignShare,
      reference: { what: 'bare server', value: median(of.bare.map((times) => percentile(times, share))) },
    });
    return bench.report(figure('p50', 0.5, P50_MS_MAX), figure('p99', 0.99, P99_MS_MAX));
  } finally {
    await world.stop();
  }
}
