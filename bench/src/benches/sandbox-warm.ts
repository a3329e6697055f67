import type { BenchRun } from '../framework/bench-run.ts';
import { percentile } from '../framework/statistics.ts';
import { BenchPool, IDLE_CODE, INPUT, RawIsolates } from './sandbox-fixture.ts';

const RATIO_MAX = 4;
const SAMPLES_PER_ROUND = 8_000;
const SAMPLES_PER_ROUND_QUICK = 4_000;

/** A call to a live isolate of a bot that does nothing, through a host process and back, against isolated-vm's own `apply` with copies. */
export async function sandboxWarm(bench: BenchRun): Promise<boolean> {
  const samples = bench.isQuick ? SAMPLES_PER_ROUND_QUICK : SAMPLES_PER_ROUND;
  const pool = await BenchPool.start(1);
  const raw = new RawIsolates();
  try {
    const call = await pool.loadLive('a', IDLE_CODE);
    const { of, foreignShare } = await bench.measure(
      {
        ours: async () => {
          const times: number[] = [];
          for (let n = 0; n < samples; n++) times.push(await call(false));
          return times;
        },
        reference: async () => (await raw.ask({ kind: 'warm', code: IDLE_CODE, input: INPUT, samples })).times,
      },
      { warmUps: 1 },
    );
    console.log(`sample: ${bench.rounds} rounds of ${samples} calls each with ${INPUT.length} bytes; p95 ours ${percentile(of.ours.flat(), 0.95).toFixed(3)} ms, reference ${percentile(of.reference.flat(), 0.95).toFixed(3)} ms`);
    const p50 = (rounds: readonly (readonly number[])[]): number[] => rounds.map((times) => percentile(times, 0.5));
    return bench.report({ kind: 'ratio', figure: 'warm_call_p50_ms', ours: p50(of.ours), reference: p50(of.reference), goal: { max: RATIO_MAX }, foreignShare });
  } finally {
    pool.stop();
    raw.stop();
  }
}
