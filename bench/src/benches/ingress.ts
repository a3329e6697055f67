import type { BenchRun } from '../framework/bench-run.ts';
import type { Figure } from '../framework/figures.ts';
import { IngressWorld } from '../world/ingress-world.ts';

const MODES = [
  { figure: 'throughput_default_sync', syncAlways: false, ratioMin: 0.7 },
  { figure: 'throughput_sync_always', syncAlways: true, ratioMin: 0.85 },
] as const;
const ROUND_MS = 4_000;
const ROUND_MS_QUICK = 2_000;

/**
 * Updates per second over kept connections to 64 bots, against a bare node:http server with one awaited publish to the same broker. Every
 * update that was answered 200 is looked up in the stream.
 */
export async function ingress(bench: BenchRun): Promise<boolean> {
  const figures: Figure[] = [];
  for (const { figure, syncAlways, ratioMin } of MODES) {
    const { of, foreignShare } = await measureThroughput(bench, syncAlways);
    figures.push({ kind: 'ratio', figure, ours: of.ours, reference: of.reference, goal: { min: ratioMin }, foreignShare });
  }
  return bench.report(...figures);
}

async function measureThroughput(bench: BenchRun, syncAlways: boolean) {
  const load = { kind: 'closed', durationMs: bench.isQuick ? ROUND_MS_QUICK : ROUND_MS } as const;
  const world = await IngressWorld.start({ syncAlways, isPinned: true });
  try {
    return await bench.measure(
      { ours: async () => (await world.sendToIngress(load)).acceptedPerSecond, reference: async () => (await world.sendToBare(load)).acceptedPerSecond },
      { warmUps: 1 },
    );
  } finally {
    await world.stop();
  }
}
