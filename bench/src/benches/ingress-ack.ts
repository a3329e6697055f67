import type { BenchRun } from '../framework/bench-run.ts';
import { percentile } from '../framework/statistics.ts';
import { IngressWorld } from '../world/ingress-world.ts';

const P50_MS_MAX = 3;
const P99_MS_MAX = 10;
const LOAD_SHARE = 0.5;
const MAXIMUM_MS = 3_000;
const ROUND_MS = 8_000;
const ROUND_MS_QUICK = 5_000;

/** Time until an update is acknowledged, sync always, at half of the maximum load that was measured just before. */
export async function ingressAck(bench: BenchRun): Promise<boolean> {
  const world = await IngressWorld.start({ syncAlways: true });
  try {
    await world.sendToIngress({ kind: 'closed', durationMs: MAXIMUM_MS });
    const maximum = (await world.sendToIngress({ kind: 'closed', durationMs: MAXIMUM_MS })).acceptedPerSecond;
    const ratePerSecond = maximum * LOAD_SHARE;
    const { of, foreignShare } = await bench.measure({
      ack: async () => (await world.sendToIngress({ kind: 'open', ratePerSecond, durationMs: bench.isQuick ? ROUND_MS_QUICK : ROUND_MS })).latenciesMs,
    });
    console.log(`sample: ${of.ack.flat().length} updates at ${ratePerSecond.toFixed(0)}/s of at most ${maximum.toFixed(0)}/s`);
    const figure = (name: string, share: number, max: number) =>
      ({ kind: 'absolute', figure: name, values: of.ack.map((times) => percentile(times, share)), unit: 'ms', limit: { max }, foreignShare }) as const;
    return bench.report(figure('p50', 0.5, P50_MS_MAX), figure('p99', 0.99, P99_MS_MAX));
  } finally {
    await world.stop();
  }
}
