import { Reasons } from '../../reasons.ts';
import type { Reason } from '../../reasons.ts';
import { weightBefore } from './rollout-plan.ts';
import type { RolloutPlan } from './rollout-plan.ts';

/** A revision on its way to all traffic, as status keeps it: times are there, so that a restart forgets nothing. */
export interface Candidate {
  revision: string;
  /** Percent of the chats. */
  weight: number;
  /** Index of the step under way. */
  step: number;
  /** ISO time. */
  stepStartedAt: string;
  stepsHash: string;
  /** A check failed, and people want to decide. */
  held?: Cause | undefined;
}

export interface Cause {
  reason: Reason;
  message: string;
}

/** What the checks found about the candidate. */
export interface Findings {
  /** A check failed as often as it may. */
  failure: Cause | undefined;
  /** A check has no answer, and no step is taken without one. */
  silence: Cause | undefined;
  /** Measurements in a row that every check passed since the step began. */
  passes: number;
}

export const NO_FINDINGS: Findings = { failure: undefined, silence: undefined, passes: 0 };

/** What keeps a candidate where it is. */
export type Waits =
  | { for: 'time'; leftMs: number }
  | { for: 'person'; cause: Cause }
  | { for: 'analysis'; leftMs: number }
  | { for: 'answer'; cause: Cause }
  | { for: 'route' };

export type Advance = { kind: 'promoted' } | { kind: 'failed'; cause: Cause } | { kind: 'candidate'; candidate: Candidate; waits: Waits };

export interface AdvanceInput {
  plan: RolloutPlan;
  candidate: Candidate;
  findings: Findings;
  /** False: nothing moves for now (suspended, the revision cannot serve, or the last decision is not routed yet). */
  isFree: boolean;
  /** When the rollout was last seen to go on after a pause by spec; 0: not in this process. What is paused has no deadline. */
  resumedMs: number;
  nowMs: number;
}

/** A candidate that has not taken any step. */
export const newCandidate = (revision: string, plan: RolloutPlan, nowMs: number): Candidate => ({ revision, weight: 0, step: 0, stepStartedAt: isoSeconds(nowMs), stepsHash: plan.stepsHash });

/**
 * Takes the steps that can be taken now. A step never goes back, unless the steps themselves were changed. Pure.
 */
export function advance({ plan, candidate: known, findings, isFree, resumedMs, nowMs }: AdvanceInput): Advance {
  let candidate = known.stepsHash === plan.stepsHash ? known : newCandidate(known.revision, plan, nowMs);
  let passes = candidate === known ? findings.passes : 0;
  const enter = (step: number): void => {
    candidate = { ...candidate, step, weight: weightBefore(plan.steps, step), stepStartedAt: isoSeconds(nowMs), held: undefined };
    passes = 0;
  };

  const asked = plan.promote?.revision === candidate.revision ? plan.promote : undefined;
  if (asked && (asked.step === undefined || asked.step >= plan.steps.length)) return { kind: 'promoted' };
  if (asked?.step !== undefined && asked.step > candidate.step) enter(asked.step);

  for (;;) {
    const stay = (waits: Waits): Advance => ({ kind: 'candidate', candidate, waits });
    if (candidate.held) return stay({ for: 'person', cause: candidate.held });
    if (plan.paused) return stay({ for: 'person', cause: { reason: Reasons.RolloutPaused, message: 'spec.rollout.paused is true' } });
    const step = plan.steps[candidate.step];
    if (!step) return { kind: 'promoted' };
    if (!isFree) return stay({ for: 'route' });

    const elapsedMs = nowMs - Date.parse(candidate.stepStartedAt);
    const deadlineMs = Math.max(Date.parse(candidate.stepStartedAt), resumedMs) + plan.progressDeadlineMs - nowMs;
    if (step.kind === 'pause') {
      if (step.ms === undefined) return stay({ for: 'person', cause: { reason: Reasons.RolloutPaused, message: 'waits for spec.rollout.promote' } });
      if (elapsedMs < step.ms) return stay({ for: 'time', leftMs: step.ms - elapsedMs });
    }
    // Silence is no evidence in either direction: nothing moves, forth or back.
    if (findings.silence && candidate.weight > 0) return stay({ for: 'answer', cause: findings.silence });
    if (step.kind === 'analysis' && passes < step.measurements) {
      if (deadlineMs > 0) return stay({ for: 'analysis', leftMs: deadlineMs });
      return { kind: 'failed', cause: { reason: Reasons.ProgressDeadlineExceeded, message: `step ${candidate.step} (analysis) did not pass within ${plan.progressDeadlineMs / 1_000} s` } };
    }
    enter(candidate.step + 1);
  }
}

/** As Kubernetes writes times: seconds only. */
export const isoSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
