import { STEP_MS_BOUNDS } from '@botplane/contracts';
import type { RevisionCounts } from '@botplane/contracts';
import type { Bot } from '@botplane/k8s';
import type { QueryAnswer } from '../../adapters/prometheus.ts';
import { durationMs } from '../../duration.ts';

type SpecCheck = NonNullable<NonNullable<Bot['spec']['rollout']>['analysis']>[number];
type Metric = NonNullable<SpecCheck['metric']>;

/** One check of spec.rollout.analysis with every default filled in. */
export interface Check {
  name: string;
  source: { metric: Metric; minUpdates: number } | { query: string };
  max: number | undefined;
  min: number | undefined;
  intervalMs: number;
  failureLimit: number;
  onError: 'Wait' | 'Ignore' | 'Abort';
  errorLimit: number;
}

/** What is checked when a canary says nothing of it. */
const DEFAULT_ANALYSIS: SpecCheck[] = [{ name: 'errors', metric: 'ErrorPercent', max: 10 }];

/** The checks of a Bot. Only canaries are checked: nothing else serves beside the stable revision. */
export function checksOf({ spec }: Pick<Bot, 'spec'>): Check[] {
  if (spec.rollout?.strategy !== 'Canary') return [];
  return (spec.rollout.analysis ?? DEFAULT_ANALYSIS).map((check) => ({
    name: check.name,
    source: check.prometheus ? { query: check.prometheus.query } : { metric: check.metric ?? 'ErrorPercent', minUpdates: check.minUpdates ?? 20 },
    max: check.max, min: check.min,
    intervalMs: durationMs(check.interval ?? '30s'),
    failureLimit: check.failureLimit ?? 1, onError: check.onError ?? 'Wait', errorLimit: check.errorLimit ?? 4,
  }));
}

export interface Measurement {
  name: string;
  verdict: 'Passed' | 'Failed' | 'Inconclusive';
  value?: string;
  message?: string;
}

/** Judges what Botplane counted of a revision within one interval. */
export function judgeCounts(check: Check, metric: Metric, minUpdates: number, counts: RevisionCounts): Measurement {
  const value = valueOf(metric, counts);
  const judged = judgeValue(check, value);
  // A kill or a dead letter is one too many, however little the revision had to do.
  const isPlain = (metric === 'SandboxKills' || metric === 'DeadLetters') && judged.verdict === 'Failed';
  if (counts.runs >= minUpdates || isPlain) return judged;
  return { ...judged, verdict: 'Inconclusive', message: `${counts.runs} updates within the interval; ${minUpdates} are needed` };
}

/** Judges what Prometheus answered. */
export function judgeAnswer(check: Check, answer: QueryAnswer): Measurement {
  return 'value' in answer ? judgeValue(check, answer.value) : { name: check.name, verdict: 'Inconclusive', message: answer.problem };
}

function judgeValue({ name, max, min }: Check, value: number): Measurement {
  const isGood = (max === undefined || value <= max) && (min === undefined || value >= min);
  return { name, verdict: isGood ? 'Passed' : 'Failed', value: String(Math.round(value * 1_000) / 1_000) };
}

function valueOf(metric: Metric, counts: RevisionCounts): number {
  switch (metric) {
    case 'ErrorPercent':
      return counts.runs === 0 ? 0 : (100 * counts.errors) / counts.runs;
    case 'StepMsP95':
      return quantile(counts.stepMs, 0.95);
    case 'SandboxKills':
      return counts.kills;
    case 'DeadLetters':
      return counts.deadLetters;
  }
}

/** Within the bucket it is taken for evenly spread; beyond the last bound that bound is all that is known. */
function quantile(buckets: readonly number[], share: number): number {
  const wanted = buckets.reduce((sum, count) => sum + count, 0) * share;
  let below = 0;
  for (const [index, count] of buckets.entries()) {
    const upper = STEP_MS_BOUNDS[index];
    if (upper === undefined) break;
    if (count > 0 && below + count >= wanted) {
      const lower = STEP_MS_BOUNDS[index - 1] ?? 0;
      return lower + ((upper - lower) * (wanted - below)) / count;
    }
    below += count;
  }
  return wanted === 0 ? 0 : (STEP_MS_BOUNDS.at(-1) ?? 0);
}

/** What happened between two sums. */
export function difference(now: RevisionCounts, before: RevisionCounts): RevisionCounts {
  // A sum that was forgotten in between began again at nothing.
  const less = (a: number, b: number): number => Math.max(0, a - b);
  return {
    runs: less(now.runs, before.runs), errors: less(now.errors, before.errors), kills: less(now.kills, before.kills), deadLetters: less(now.deadLetters, before.deadLetters),
    stepMs: now.stepMs.map((count, index) => less(count, before.stepMs[index] ?? 0)),
  };
}
