import type { BenchRun } from '../framework/bench-run.ts';
import { percentile } from '../framework/statistics.ts';
import { BenchPool, INPUT, RawIsolates, exampleCode } from './sandbox-fixture.ts';

const MANY = 500;
const FEW = 50;
const RESIDENT_MB_MAX = 4.5;
const RATIO_MAX = 1.5;
/** Isolates of the reference; their share of the process is small by then. */
const RAW_ISOLATES = 100;
const WARM_CALLS = 10;
/** Passes over all bots in one round. */
const PASSES = 4;
const PASSES_QUICK = 3;
/** Calls to the many before it is the turn of the few: the machine is as busy for both. */
const BLOCK_CALLS = 250;
/** The few get so much fewer calls that each isolate has run as often as one of the many. */
const FEW_SHARE = FEW / MANY;

type Calls = ((isCold: boolean) => Promise<number>)[];

/** 500 live bots in one host: the resident memory of each, the host's own included, and what a call to one of them costs against 50. */
export async function sandbox500(bench: BenchRun): Promise<boolean> {
  const code = exampleCode();
  const raw = new RawIsolates();
  const rawEmpty = await raw.ask({ kind: 'warm', code, input: INPUT, samples: 1 });
  const rawFull = await raw.ask({ kind: 'hold', code, input: INPUT, isolates: RAW_ISOLATES });
  raw.stop();

  const few = await BenchPool.start(FEW);
  const fewCalls = await loadBots(few, FEW, code);
  const many = await BenchPool.start(MANY);
  const manyCalls = await loadBots(many, MANY, code);
  try {
    // V8 compiles what runs often: every isolate gets as far before anything counts.
    for (const calls of [manyCalls, fewCalls]) await callInTurn(calls, 0, calls.length * WARM_CALLS);
    const { of, foreignShare } = await bench.measure({ calls: () => callBoth(manyCalls, fewCalls, bench.isQuick ? PASSES_QUICK : PASSES) });
    // The few get too few calls in a round for a p95 of its own.
    const ofMany = of.calls.flatMap((round) => round.ofMany);
    const ofFew = of.calls.flatMap((round) => round.ofFew);
    console.log(`sample: ${ofMany.length} calls to ${MANY}, ${ofFew.length} to ${FEW}; p50 of ${MANY} live ${percentile(ofMany, 0.5).toFixed(3)} ms, of ${FEW} live ${percentile(ofFew, 0.5).toFixed(3)} ms`);
    return bench.report(
      {
        kind: 'absolute', figure: 'resident_per_sandbox', values: [many.residentMb() / MANY], unit: 'MB', limit: { max: RESIDENT_MB_MAX },
        reference: { what: `bare isolates, the process left out, of ${RAW_ISOLATES}`, value: (rawFull.residentMb - rawEmpty.residentMb) / RAW_ISOLATES },
      },
      { kind: 'ratio', figure: 'call_p95_ms_500_against_50', ours: [percentile(ofMany, 0.95)], reference: [percentile(ofFew, 0.95)], goal: { max: RATIO_MAX }, foreignShare },
    );
  } finally {
    few.stop();
    many.stop();
  }
}

async function callBoth(manyCalls: Calls, fewCalls: Calls, passes: number): Promise<{ ofMany: number[]; ofFew: number[] }> {
  const ofMany: number[] = [];
  const ofFew: number[] = [];
  for (let done = 0; done < MANY * passes; done += BLOCK_CALLS) {
    ofMany.push(...(await callInTurn(manyCalls, done, BLOCK_CALLS)));
    ofFew.push(...(await callInTurn(fewCalls, done * FEW_SHARE, BLOCK_CALLS * FEW_SHARE)));
  }
  return { ofMany, ofFew };
}

async function loadBots(pool: BenchPool, count: number, code: string): Promise<Calls> {
  const calls: Calls = [];
  for (let n = 0; n < count; n++) calls.push(await pool.loadLive(`bot${n}`, code));
  return calls;
}

/** Calls one bot after the other, so that no isolate is warm from the call before. */
async function callInTurn(calls: Calls, from: number, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let n = from; n < from + count; n++) times.push((await calls[n % calls.length]?.(false)) ?? Number.NaN);
  return times;
}
