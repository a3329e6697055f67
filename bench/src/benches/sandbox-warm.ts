import { percentile, reportFigure } from '../figures.ts';
import { BenchPool, IDLE_CODE, INPUT, RawIsolates } from './sandbox-fixture.ts';

const RATIO_MAX = 4;
const SAMPLES_PER_ROUND = 2_000;

/** A call to a live isolate of a bot that does nothing, through a host process and back, against isolated-vm's own `apply` with copies. */
export async function sandboxWarm(isQuick: boolean): Promise<boolean> {
  const rounds = isQuick ? 5 : 20;
  const pool = await BenchPool.start(1);
  const raw = new RawIsolates();
  try {
    const call = await pool.load('a', IDLE_CODE);
    const ours: number[] = [];
    const reference: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const mine: number[] = [];
      for (let n = 0; n < SAMPLES_PER_ROUND; n++) mine.push(await call(false));
      const theirs = (await raw.ask({ kind: 'warm', code: IDLE_CODE, input: INPUT, samples: SAMPLES_PER_ROUND })).times;
      if (round === 0) continue; // Both were just born.
      ours.push(...mine);
      reference.push(...theirs);
    }
    console.log(`sample: ${ours.length} calls each with ${INPUT.length} bytes; p95 ours ${percentile(ours, 0.95).toFixed(3)} ms, reference ${percentile(reference, 0.95).toFixed(3)} ms`);
    return reportFigure('sandbox-warm', { kind: 'ratio', figure: 'warm_call_p50_ms', ours: percentile(ours, 0.5), reference: percentile(reference, 0.5), goal: { max: RATIO_MAX } });
  } finally {
    pool.stop();
    raw.stop();
  }
}
