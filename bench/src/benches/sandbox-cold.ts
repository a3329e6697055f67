import type { BenchRun } from '../framework/bench-run.ts';
import { percentile } from '../framework/statistics.ts';
import { BenchPool, INPUT, RawIsolates, exampleCode } from './sandbox-fixture.ts';

const RATIO_MAX = 3;
const SAMPLES_PER_ROUND = 120;
const SAMPLES_PER_ROUND_QUICK = 60;

/**
 * The first step of a revision whose isolate is gone: to the host and back, isolate, bootstrap, cached compile, evaluation, step.
 * Against isolated-vm as it is, in one process: isolate, context and cached compile, where nothing of the bot runs; and beside it the same
 * with the evaluation and one call.
 */
export async function sandboxCold(bench: BenchRun): Promise<boolean> {
  const samples = bench.isQuick ? SAMPLES_PER_ROUND_QUICK : SAMPLES_PER_ROUND;
  const code = exampleCode();
  const pool = await BenchPool.start(1);
  const raw = new RawIsolates();
  try {
    // Room for one isolate and two bots that take turns: each call finds the other's.
    const bots = [await pool.loadProven('a', code), await pool.loadProven('b', code)];
    const { of, foreignShare } = await bench.measure(
      {
        ours: async () => {
          const times: number[] = [];
          for (let n = 0; n < samples; n++) times.push((await bots[n % 2]?.(true)) ?? Number.NaN);
          return times;
        },
        compiled: async () => (await raw.ask({ kind: 'compile', code, samples })).times,
        called: async () => (await raw.ask({ kind: 'cold', code, input: INPUT, samples })).times,
      },
      { warmUp: true },
    );
    console.log(`sample: ${bench.rounds} rounds of ${samples} cold starts each of ${code.length} bytes; p95 ours ${percentile(of.ours.flat(), 0.95).toFixed(2)} ms, compiled only ${percentile(of.compiled.flat(), 0.95).toFixed(2)} ms, called ${percentile(of.called.flat(), 0.95).toFixed(2)} ms`);
    const p50 = (rounds: readonly (readonly number[])[]): number[] => rounds.map((times) => percentile(times, 0.5));
    return bench.report(
      { kind: 'ratio', figure: 'first_answer_against_compiled_p50_ms', ours: p50(of.ours), reference: p50(of.compiled), goal: { max: RATIO_MAX }, foreignShare },
      { kind: 'ratio', figure: 'first_answer_against_called_p50_ms', ours: p50(of.ours), reference: p50(of.called), goal: { max: RATIO_MAX }, foreignShare },
    );
  } finally {
    pool.stop();
    raw.stop();
  }
}
