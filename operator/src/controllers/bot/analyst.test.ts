import { STEP_MS_BOUNDS } from '@botplane/contracts';
import type { RevisionCounts } from '@botplane/contracts';
import { describe, expect, it } from 'vitest';
import type { QueryAnswer } from '../../adapters/prometheus.ts';
import { Analyst } from './analyst.ts';
import { checksOf, difference, judgeCounts } from './checks.ts';
import type { Check } from './checks.ts';

const counts = (extra: Partial<RevisionCounts> = {}): RevisionCounts => ({ runs: 0, errors: 0, kills: 0, deadLetters: 0, stepMs: Array.from({ length: STEP_MS_BOUNDS.length + 1 }, () => 0), ...extra });
const checks = (...analysis: object[]): Check[] => checksOf({ spec: { rollout: { strategy: 'Canary', analysis } } } as never);
const [errors] = checks({ name: 'errors', metric: 'ErrorPercent', max: 10, interval: '10s' }) as [Check];

describe('[P7] what Botplane counted', () => {
  it.each([
    ['too little to judge by', 'ErrorPercent', counts({ runs: 19, errors: 19 }), 'Inconclusive', '100'],
    ['few errors', 'ErrorPercent', counts({ runs: 100, errors: 10 }), 'Passed', '10'],
    ['many errors', 'ErrorPercent', counts({ runs: 100, errors: 11 }), 'Failed', '11'],
    ['one kill of one run', 'SandboxKills', counts({ runs: 1, kills: 11 }), 'Failed', '11'],
    ['no kill of one run', 'SandboxKills', counts({ runs: 1 }), 'Inconclusive', '0'],
    ['dead letters', 'DeadLetters', counts({ runs: 1, deadLetters: 12 }), 'Failed', '12'],
    ['fast steps', 'StepMsP95', counts({ runs: 100, stepMs: [95, 5, ...Array.from({ length: 15 }, () => 0)] }), 'Passed', '1'],
    ['slow steps', 'StepMsP95', counts({ runs: 100, stepMs: [...Array.from({ length: 16 }, () => 0), 100] }), 'Failed', '5000'],
  ] as const)('%s', (_what, metric, seen, verdict, value) => {
    expect(judgeCounts(errors, metric, 20, seen)).toMatchObject({ name: 'errors', verdict, value });
  });

  it('a sum that began anew is never less than nothing', () => {
    expect(difference(counts({ runs: 3 }), counts({ runs: 100 }))).toEqual(counts());
  });

  it('a canary that says nothing is checked for errors; an empty list, and any other strategy, for nothing', () => {
    expect(checksOf({ spec: { rollout: { strategy: 'Canary' } } } as never)).toMatchObject([{ name: 'errors', max: 10, intervalMs: 30_000 }]);
    expect(checks()).toEqual([]);
    expect(checksOf({ spec: { rollout: { strategy: 'Manual' } } } as never)).toEqual([]);
  });
});

/** One rollout under one analyst, with a clock of its own. */
function setUp(of: Check[], query: () => Promise<QueryAnswer> = () => Promise.resolve({ value: 1 })) {
  const world = { nowMs: 1_000_000, sum: counts(), asked: [] as string[], answered: 0 };
  const analyst = new Analyst({ sums: () => structuredClone(world.sum), query: (text) => (world.asked.push(text), query()), onAnswer: () => void world.answered++, nowMs: () => world.nowMs });
  const look = (candidate: object = {}, retry?: string) => analyst.look({
    key: 'shop/b', botId: 'shop_b', stable: 'b-1', observedRetry: retry, checks: of,
    candidate: { revision: 'b-2', weight: 10, step: 1, stepStartedAt: 't1', stepsHash: 'h', ...candidate },
  });
  const serve = (runs: number, failed: number): void => {
    world.sum.runs += runs;
    world.sum.errors += failed;
  };
  return { world, analyst, look, serve };
}

describe('[P7] the analyst', () => {
  it('measures once an interval, from the first look on, and only what came since', () => {
    const { world, look, serve } = setUp([errors]);
    serve(1_000, 1_000);
    expect(look()).toMatchObject({ findings: { passes: 0, failure: undefined }, measurements: [], dueMs: 10_000 });
    serve(50, 2);
    world.nowMs += 9_000;
    expect(look()).toMatchObject({ measurements: [], dueMs: 1_000 });
    world.nowMs += 1_000;
    expect(look()).toMatchObject({ findings: { passes: 1 }, measurements: [{ name: 'errors', verdict: 'Passed', value: '4' }], dueMs: 10_000 });
    serve(50, 25);
    world.nowMs += 10_000;
    expect(look().findings).toMatchObject({ passes: 0, failure: { reason: 'AnalysisFailed', message: 'check errors measured 50, which must be at most 10' } });
  });

  it('fails only after failureLimit failures in a row', () => {
    const { world, look, serve } = setUp([{ ...errors, failureLimit: 2 }]);
    look();
    const failures = [40, 0, 40, 40].map((failed) => {
      serve(50, failed);
      world.nowMs += 10_000;
      return look().findings.failure !== undefined;
    });
    expect(failures).toEqual([false, false, false, true]);
  });

  it('counts passes of a step from its beginning, and forgets everything with a retry', () => {
    const { world, look, serve } = setUp([errors]);
    look();
    serve(50, 0);
    world.nowMs += 10_000;
    expect(look().findings.passes).toBe(1);
    expect(look({ step: 3, stepStartedAt: 't2' }).findings.passes).toBe(0);
    serve(50, 50);
    world.nowMs += 10_000;
    expect(look().findings.failure).toBeDefined();
    expect(look({}, 'again').findings.failure).toBeUndefined();
  });

  it('a failure that holds the rollout is not told again once a person lets it go on', () => {
    const { world, look, serve } = setUp([errors]);
    look();
    serve(50, 50);
    world.nowMs += 10_000;
    const { failure } = look().findings;
    expect(look({ held: failure }).findings.failure).toBeUndefined();
  });

  it('measures nothing without traffic, and passes at once without checks', () => {
    expect(setUp([errors]).look({ weight: 0 })).toMatchObject({ findings: { passes: 0 }, dueMs: undefined, isBegun: false });
    expect(setUp([]).look()).toMatchObject({ findings: { passes: Number.POSITIVE_INFINITY }, dueMs: undefined });
  });

  it('asks Prometheus with the names of the rollout, and looks again when the answer is there', async () => {
    const of = checks({ name: 'orders', prometheus: { query: 'rate(orders{ns="$(namespace)",bot="$(bot)",rev="$(revision)"}[1m]) / $(stable) $(other)' }, min: 2, interval: '10s' });
    const { world, look } = setUp(of);
    look();
    world.nowMs += 10_000;
    expect(look()).toMatchObject({ measurements: [], dueMs: undefined });
    expect(world.asked).toEqual(['rate(orders{ns="shop",bot="b",rev="b-2"}[1m]) / b-1 $(other)']);
    await Promise.resolve();
    expect(world.answered).toBe(1);
    expect(look()).toMatchObject({ findings: { failure: { reason: 'AnalysisFailed' } }, measurements: [{ verdict: 'Failed', value: '1' }] });
    expect(world.asked).toHaveLength(1);
  });

  it('asks nothing again while a question waits for its answer, and takes no step for it', async () => {
    let answer: (value: QueryAnswer) => void = () => undefined;
    const { world, look } = setUp(checks({ name: 'orders', prometheus: { query: 'up' }, min: 1, interval: '10s' }), () => new Promise((resolve) => (answer = resolve)));
    look();
    for (let n = 0; n < 3; n++) {
      world.nowMs += 10_000;
      expect(look()).toMatchObject({ findings: { passes: 0, failure: undefined }, measurements: [], dueMs: undefined });
    }
    expect(world.asked).toHaveLength(1);
    answer({ value: 1 });
    await Promise.resolve();
    // The interval is over long ago: the next question goes out with the answer to this one.
    expect(look()).toMatchObject({ findings: { passes: 1 }, measurements: [{ verdict: 'Passed', value: '1' }] });
    expect(world.asked).toHaveLength(2);
  });

  it.each([['Wait', { silence: { reason: 'AnalysisInconclusive' }, failure: undefined }], ['Ignore', { silence: undefined, failure: undefined, passes: Number.POSITIVE_INFINITY }], ['Abort', { silence: undefined, failure: { reason: 'AnalysisInconclusive' } }]] as const)('onError %s: a Prometheus that is away is never a pass', async (onError, wanted) => {
    const of = checks({ name: 'orders', prometheus: { query: 'up' }, min: 2, interval: '10s', onError, errorLimit: 2 });
    const { world, look } = setUp(of, () => Promise.resolve({ problem: 'Prometheus does not answer' }));
    look();
    for (const isLast of [false, true]) {
      world.nowMs += 10_000;
      look();
      await Promise.resolve();
      const { findings } = look();
      expect(findings).toMatchObject(isLast ? wanted : { silence: undefined, failure: undefined, passes: 0 });
    }
  });
});
