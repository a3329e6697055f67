import type { BenchRun } from '../framework/bench-run.ts';
import { paced } from '../framework/paced.ts';
import { percentile } from '../framework/statistics.ts';
import { BenchPool, INPUT, RawIsolates, exampleCode } from './sandbox-fixture.ts';

const RATIO_MAX = 3;
/** About half of what a host can do, so that it has the time between two starts that it has in a pod; the reference goes at the same pace. */
const EVERY_MS = 10;
const SAMPLES_PER_ROUND = 120;
const SAMPLES_PER_ROUND_QUICK = 60;

/**
 * The first step of a revision whose isolate is gone: to the host and back, isolate, bootstrap, cached compile, evaluation, step.
 * Against isolated-vm as it is, in one process: isolate, context and cached compile, where nothing of the bot runs; and beside it the same
 * with the evaluation and one call. The line of the sample also tells what a start takes when the next one begins at once.
 */
export async function sandboxCold(bench: BenchRun): Promise<boolean> {
  const samples = bench.isQuick ? SAMPLES_PER_ROUND_QUICK : SAMPLES_PER_ROUND;
  const code = exampleCode();
  const pool = await BenchPool.start(1);
  const raw = new RawIsolates();
  try {
    // Room for one isolate and two bots that take turns: each call finds the other's.
    const bots = [await pool.loadProven('a', code), await pool.loadProven('b', code)];
    const start = (n: number): Promise<number> => (bots[n % 2] as (isCold: boolean) => Promise<number>)(true);
    const { of, foreignShare } = await bench.measure(
      {
        ours: () => paced(samples, EVERY_MS, start),
        atOnce: () => oneAfterTheOther(samples, start),
        compiled: async () => (await raw.ask({ kind: 'compile', code, samples, everyMs: EVERY_MS })).times,
        called: async () => (await raw.ask({ kind: 'cold', code, input: INPUT, samples, everyMs: EVERY_MS })).times,
      },
      { warmUps: 1 },
    );
    console.log(`sample: ${bench.rounds} rounds of ${samples} cold starts each of ${code.length} bytes; one each ${EVERY_MS} ms; p50 ours at once ${percentile(of.atOnce.flat(), 0.5).toFixed(2)} ms; p95 ours ${percentile(of.ours.flat(), 0.95).toFixed(2)} ms, compiled only ${percentile(of.compiled.flat(), 0.95).toFixed(2)} ms, called ${percentile(of.called.flat(), 0.95).toFixed(2)} ms`);
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

async function oneAfterTheOther(count: number, act: (n: number) => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) times.push(await act(n));
  return times;
}
