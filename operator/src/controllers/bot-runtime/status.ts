import { setCondition } from '@botplane/k8s';
import type { BotRuntimeStatus, Condition, ConditionUpdate, Deployment } from '@botplane/k8s';
import type { Outcome } from '../../outcome.ts';
import { done, failed, waiting } from '../../outcome.ts';
import { Conditions, Reasons } from '../../reasons.ts';

/** How far the Deployment is: its own progress deadline (10 min) tells waiting from stuck. */
export function deploymentOutcome(deployment: Deployment | undefined, wanted: number, ready: number): Outcome {
  if (!deployment?.status || (deployment.status.observedGeneration ?? 0) < (deployment.metadata.generation ?? 0)) return waiting(Reasons.Progressing, 'the Deployment is being rolled out');
  const { updatedReplicas = 0, replicas = 0, conditions = [] } = deployment.status;
  const stuck = conditions.find((condition) => condition.type === 'Progressing' && condition.status === 'False');
  const refused = conditions.find((condition) => condition.type === 'ReplicaFailure' && condition.status === 'True');
  if (refused) return failed(Reasons.ProgressDeadlineExceeded, `pods cannot be made: ${refused.message ?? refused.reason ?? ''}`);
  if (updatedReplicas >= wanted && ready >= wanted && replicas === wanted) return done(Reasons.PodsReady, `${ready} of ${wanted} pods are ready`);
  if (stuck) return failed(Reasons.ProgressDeadlineExceeded, stuck.message ?? 'the rollout does not progress');
  return waiting(Reasons.Progressing, `${ready} of ${wanted} pods are ready`);
}

/** All conditions of a BotRuntime. Pure. */
export function runtimeConditions(known: BotRuntimeStatus['conditions'], view: { generation: number; outcome: Outcome; readyReplicas: number }, nowIso: string): Condition[] {
  const { outcome, readyReplicas, generation } = view;
  const { state, reason, message } = outcome;
  const settled = { status: 'False', reason: Reasons.Settled, message: '' } as const;
  const updates: Omit<ConditionUpdate, 'observedGeneration'>[] = [
    { type: Conditions.Ready, status: state === 'done' ? 'True' : 'False', reason, message },
    { type: Conditions.Reconciling, ...(state === 'waiting' ? { status: 'True', reason, message } : settled) },
    { type: Conditions.Stalled, ...(state === 'failed' ? { status: 'True', reason, message } : settled) },
    readyReplicas > 0
      ? { type: Conditions.Available, status: 'True', reason: Reasons.PodsReady, message: '' }
      : { type: Conditions.Available, status: 'False', reason: Reasons.NoCapacity, message: 'no pod is ready' },
  ];
  let conditions: Condition[] = known ?? [];
  for (const update of updates) conditions = setCondition(conditions, { ...update, observedGeneration: generation }, nowIso);
  return conditions;
}
