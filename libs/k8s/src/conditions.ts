import { CONDITION_MESSAGE_CHARS_MAX } from './limits.ts';

export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** metav1.Condition. */
export interface Condition {
  type: string;
  status: ConditionStatus;
  reason: string;
  message: string;
  observedGeneration?: number;
  lastTransitionTime: string;
}

/** What the caller of {@link setCondition} decides; the time follows from it. */
export interface ConditionUpdate {
  type: string;
  status: ConditionStatus;
  /** CamelCase, part of the API. */
  reason: string;
  message?: string;
  observedGeneration?: number;
}

/** The conditions with one of them set. `lastTransitionTime` changes only when its status does. The given list is left as it is. */
export function setCondition(conditions: readonly Condition[] | undefined, update: ConditionUpdate, nowIso: string): Condition[] {
  const known = getCondition(conditions, update.type);
  const next: Condition = {
    type: update.type,
    status: update.status,
    reason: update.reason,
    message: (update.message ?? '').slice(0, CONDITION_MESSAGE_CHARS_MAX),
    ...(update.observedGeneration === undefined ? {} : { observedGeneration: update.observedGeneration }),
    lastTransitionTime: known?.status === update.status ? known.lastTransitionTime : toSeconds(nowIso),
  };
  const others = conditions ?? [];
  return known ? others.map((condition) => (condition.type === update.type ? next : condition)) : [...others, next];
}

/** The conditions without one type. */
export function removeCondition(conditions: readonly Condition[] | undefined, type: string): Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}

export function getCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** With a generation: true only if the condition speaks about that generation. */
export function isTrue(conditions: readonly Condition[] | undefined, type: string, generation?: number): boolean {
  const condition = getCondition(conditions, type);
  return condition?.status === 'True' && (generation === undefined || condition.observedGeneration === generation);
}

export function isFalse(conditions: readonly Condition[] | undefined, type: string): boolean {
  return getCondition(conditions, type)?.status === 'False';
}

/** metav1.Time has whole seconds; sending more would come back changed and look like a difference. */
function toSeconds(iso: string): string {
  return new Date(iso).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
