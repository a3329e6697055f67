import { percentile, reportFigure } from '../figures.ts';
import { BenchPool, INPUT, RawIsolates, exampleCode } from './sandbox-fixture.ts';

const RATIO_MAX = 3;
const SAMPLES_PER_ROUND = 40;

/**
 * The first step of a revision whose isolate is gone: to the host and back, isolate, bootstrap, cached compile, evaluation, step.
 * Against isolated-vm as it is, in one process: isolate, context and cached compile, where nothing of the bot runs; and beside it the same
 * with the evaluation and one call.
 */
export async function sandboxCold(isQuick: boolean): Promise<boolean> {
  const rounds = isQuick ? 5 : 15;
  const code = exampleCode();
  const pool = await BenchPool.start(1);
  const raw = new RawIsolates();
  try {
    // Room for one isolate and two bots that take turns: each call finds the other's.
    const bots = [await pool.load('a', code), await pool.load('b', code)];
    const ours: number[] = [];
    const compiled: number[] = [];
    const called: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const mine: number[] = [];
      for (let n = 0; n < SAMPLES_PER_ROUND; n++) mine.push((await bots[n % 2]?.(true)) ?? Number.NaN);
      const toCompiled = (await raw.ask({ kind: 'compile', code, samples: SAMPLES_PER_ROUND })).times;
      const toCalled = (await raw.ask({ kind: 'cold', code, input: INPUT, samples: SAMPLES_PER_ROUND })).times;
      if (round === 0) continue; // Both were just born.
      ours.push(...mine);
      compiled.push(...toCompiled);
      called.push(...toCalled);
    }
    console.log(`sample: ${ours.length} cold starts each of ${code.length} bytes; p95 ours ${percentile(ours, 0.95).toFixed(2)} ms, compiled only ${percentile(compiled, 0.95).toFixed(2)} ms, called ${percentile(called, 0.95).toFixed(2)} ms`);
    const rows = { first_answer_against_compiled_p50_ms: compiled, first_answer_against_called_p50_ms: called };
    return Object.entries(rows)
      .map(([figure, reference]) => reportFigure('sandbox-cold', { kind: 'ratio', figure, ours: percentile(ours, 0.5), reference: percentile(reference, 0.5), goal: { max: RATIO_MAX } }))
      .every(Boolean);
  } finally {
    pool.stop();
    raw.stop();
  }
}
