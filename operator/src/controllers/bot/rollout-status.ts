import type { RouteRecord } from '@botplane/contracts';
import type { BotStatus } from '@botplane/k8s';
import type { Reason } from '../../reasons.ts';
import { isoSeconds } from './advance.ts';
import type { Candidate, Waits } from './advance.ts';
import type { Measurement } from './checks.ts';
import type { CurrentServing, ServingDecision } from './decide.ts';
import { stepAtWeight } from './rollout-plan.ts';
import type { RolloutPlan } from './rollout-plan.ts';

/** What status says of the last decision. */
export function readServing(status: BotStatus, isRouted: boolean): CurrentServing {
  return {
    revision: status.stableRevision, superseded: status.superseded ?? [], candidate: readCandidate(status), isRouted,
    failed: (status.failedRevisions ?? []).map((entry) => ({ ...entry, reason: entry.reason as Reason })),
    served: status.served ?? [], observedRetry: status.observedRetry,
  };
}

function readCandidate({ canaryRevision, canaryWeight = 0, currentStep = 0, stepStartedAt, stepsHash, held }: BotStatus): Candidate | undefined {
  if (canaryRevision === undefined || stepStartedAt === undefined) return undefined;
  return { revision: canaryRevision, weight: canaryWeight, step: currentStep, stepStartedAt, stepsHash: stepsHash ?? '', held: held && { reason: held.reason as Reason, message: held.message } };
}

/** Writes what a decision says of rollouts; what the route must follow is recorded elsewhere, together with its number. */
export function writeRollout(draft: BotStatus, decision: ServingDecision): void {
  writeCandidate(draft, decision.candidate);
  setList(draft, 'failedRevisions', decision.failed);
  setList(draft, 'served', decision.served);
  if (decision.observedRetry === undefined) delete draft.observedRetry;
  else draft.observedRetry = decision.observedRetry;
}

function writeCandidate(draft: BotStatus, candidate: Candidate | undefined): void {
  const { canaryRevision: _, canaryWeight: __, currentStep: ___, stepStartedAt: ____, stepsHash: _____, held: ______, ...rest } = draft;
  for (const name of Object.keys(draft)) delete draft[name as keyof BotStatus];
  Object.assign(draft, rest);
  if (!candidate) return;
  const { revision, weight, step, stepStartedAt, stepsHash, held } = candidate;
  Object.assign(draft, { canaryRevision: revision, canaryWeight: weight, currentStep: step, stepStartedAt, stepsHash, ...(held && { held }) });
}

/** The last measurements of a candidate. */
export function writeMeasurements(draft: BotStatus, measurements: readonly Measurement[]): void {
  setList(draft, 'measurements', [...measurements]);
}

function setList<K extends 'failedRevisions' | 'served' | 'measurements'>(draft: BotStatus, name: K, list: NonNullable<BotStatus[K]>): void {
  if (list.length > 0) draft[name] = list;
  else delete draft[name];
}

/** Takes over what a route says, for a status that was lost or is older. */
export function adopt(draft: BotStatus, own: RouteRecord, plan: RolloutPlan, nowMs: number): void {
  const [stable, canary] = own.split;
  const split = new Set(own.split.map((entry) => entry.revision));
  draft.routeSeq = own.routeSeq;
  if (own.state !== 'Deleted') draft.servingState = own.state;
  if (stable) draft.stableRevision = stable.revision;
  draft.superseded = Object.keys(own.revisions).filter((name) => !split.has(name)).map((revision) => ({ revision, since: isoSeconds(nowMs) }));
  writeCandidate(draft, canary && { ...canary, step: stepAtWeight(plan.steps, canary.weight), stepStartedAt: isoSeconds(nowMs), stepsHash: plan.stepsHash });
}

/** What a rollout is doing, for people; it stays the same until something changes. */
export function describeRollout({ revision, weight, step, stepStartedAt }: Candidate, waits: Waits, plan: RolloutPlan): string {
  const place = `${revision} serves ${weight} % of the chats; step ${step} of ${plan.steps.length}`;
  switch (waits.for) {
    case 'time': {
      const current = plan.steps[step];
      const endMs = Date.parse(stepStartedAt) + (current?.kind === 'pause' ? (current.ms ?? 0) : 0);
      return `${place} pauses until ${isoSeconds(endMs)}`;
    }
    case 'person':
    case 'answer':
      return `${place}: ${waits.cause.message}`;
    case 'analysis':
      return `${place} analyses`;
    case 'route':
      return `${place} goes on once the revision is ready and routed`;
  }
}
