import { canonicalJson, sha256Hex } from '@botplane/domain';
import type { Bot } from '@botplane/k8s';
import { durationMs } from '../../duration.ts';
import { DELETE_DELAY, ROLLBACK_WINDOW, SCALEDOWN_DELAY } from '../../limits.ts';

/** One step of a rollout. */
export type Step =
  | { kind: 'weight'; weight: number }
  /** Without `ms` a person ends it. */
  | { kind: 'pause'; ms: number | undefined }
  | { kind: 'analysis'; measurements: number };

/** spec.rollout and spec.sunset with every default filled in and times in ms. */
export interface RolloutPlan {
  strategy: 'AllAtOnce' | 'Canary' | 'Manual';
  /** None: all traffic at once. */
  steps: Step[];
  /** Tells whether the steps are still those that were begun. */
  stepsHash: string;
  paused: boolean;
  promote: { revision: string; step: number | undefined } | undefined;
  abort: string | undefined;
  retry: string | undefined;
  rollbackWindowMs: number;
  progressDeadlineMs: number;
  onFailure: 'Abort' | 'Pause';
  testsRequired: boolean;
  scaledownMs: number;
  deleteMs: number;
}

/** Reads the plan of a Bot. Manual is a pause at 0 % that a person ends. */
export function rolloutPlanOf({ spec }: Pick<Bot, 'spec'>): RolloutPlan {
  const { rollout = {}, sunset = {} } = spec;
  const strategy = rollout.strategy ?? 'AllAtOnce';
  const steps = stepsOf(strategy, rollout.steps ?? []);
  return {
    strategy, steps, stepsHash: sha256Hex(canonicalJson(steps)).slice(0, 16),
    paused: rollout.paused ?? false,
    promote: rollout.promote && { revision: rollout.promote.revision, step: rollout.promote.step },
    abort: rollout.abort,
    retry: rollout.retry,
    rollbackWindowMs: durationMs(rollout.rollbackWindow ?? ROLLBACK_WINDOW),
    progressDeadlineMs: (rollout.progressDeadlineSeconds ?? 600) * 1_000,
    onFailure: rollout.onFailure ?? 'Abort',
    testsRequired: rollout.tests === 'Required',
    scaledownMs: durationMs(sunset.scaledownDelay ?? SCALEDOWN_DELAY),
    deleteMs: durationMs(sunset.deleteDelay ?? DELETE_DELAY),
  };
}

type SpecStep = NonNullable<NonNullable<Bot['spec']['rollout']>['steps']>[number];

function stepsOf(strategy: RolloutPlan['strategy'], steps: readonly SpecStep[]): Step[] {
  if (strategy === 'AllAtOnce') return [];
  if (strategy === 'Manual') return [{ kind: 'pause', ms: undefined }];
  return steps.map((step) => {
    if (step.setWeight !== undefined) return { kind: 'weight', weight: step.setWeight };
    if (step.analysis) return { kind: 'analysis', measurements: step.analysis.measurements ?? 1 };
    return { kind: 'pause', ms: step.pause?.duration === undefined ? undefined : durationMs(step.pause.duration) };
  });
}

/** Weight that the steps before the given one have set. */
export function weightBefore(steps: readonly Step[], step: number): number {
  return steps.slice(0, step).reduce((weight, each) => (each.kind === 'weight' ? each.weight : weight), 0);
}

/** Where a rollout stands of which only the weight is known: behind the first step that sets so much. */
export function stepAtWeight(steps: readonly Step[], weight: number): number {
  const index = steps.findIndex((step) => step.kind === 'weight' && step.weight >= weight);
  return index === -1 ? 0 : index + 1;
}
