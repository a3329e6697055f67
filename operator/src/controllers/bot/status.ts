import { removeCondition, setCondition } from '@botplane/k8s';
import type { BotStatus, Condition, ConditionUpdate } from '@botplane/k8s';
import type { Outcome } from '../../outcome.ts';
import { Conditions, Reasons } from '../../reasons.ts';
import type { Reason } from '../../reasons.ts';
import type { ServingDecision } from './decide.ts';

/** How the phases of one reconcile ended. */
export interface BotView {
  generation: number;
  suspended: boolean;
  token: Outcome;
  runtime: Outcome;
  /** The revision of the current template. */
  revision: Outcome;
  serving: Outcome;
  webhook: Outcome;
  /** Undefined: it could not be made now, so what was said before of the rollout stays. */
  decision: Pick<ServingDecision, 'waits' | 'candidate' | 'failed' | 'wanted'> | undefined;
  pin: { name: string; waiting: string | undefined } | undefined;
  /** Undefined: it cannot be known now, so what was said before stays. */
  available: { is: boolean; reason: Reason; message: string } | undefined;
}

/** All conditions of a Bot. Pure; `known` are those of before, for their times. */
export function botConditions(known: BotStatus['conditions'], view: BotView, nowIso: string): Condition[] {
  const updates: Omit<ConditionUpdate, 'observedGeneration'>[] = [
    readyCondition(view), ...progressConditions(view), ...availableCondition(view),
    fromOutcome(Conditions.RevisionReady, view.revision), webhookCondition(view), pinnedCondition(view), ...rolloutConditions(view),
  ];
  let conditions: Condition[] = known ?? [];
  for (const update of updates) conditions = setCondition(conditions, { ...update, observedGeneration: view.generation }, nowIso);
  if (view.available === undefined && !conditions.some((condition) => condition.type === Conditions.Available)) {
    conditions = setCondition(conditions, { type: Conditions.Available, status: 'Unknown', reason: Reasons.Pending, message: '', observedGeneration: view.generation }, nowIso);
  }
  return conditions;
}

/** The phases whose failure means that this generation does not serve, most telling first. */
const decisive = (view: BotView): Outcome[] => [view.token, view.runtime, view.serving, view.webhook];

const worst = (view: BotView): Outcome | undefined =>
  decisive(view).find((outcome) => outcome.state === 'failed') ?? decisive(view).find((outcome) => outcome.state === 'waiting');

function readyCondition(view: BotView): Omit<ConditionUpdate, 'observedGeneration'> {
  const cause = worst(view);
  if (cause) return { type: Conditions.Ready, status: 'False', reason: cause.reason, message: cause.message };
  if (view.suspended) return { type: Conditions.Ready, status: 'True', reason: Reasons.Suspended, message: 'suspended as asked; the bot answers nothing' };
  return { type: Conditions.Ready, status: 'True', reason: view.serving.reason, message: view.serving.message };
}

/** kstatus: Reconciling says that it goes on by itself, Stalled that it does not. Never both. */
function progressConditions(view: BotView): Omit<ConditionUpdate, 'observedGeneration'>[] {
  const cause = worst(view);
  const settled = { status: 'False', reason: Reasons.Settled, message: '' } as const;
  const told = cause && ({ status: 'True', reason: cause.reason, message: cause.message } as const);
  return [
    { type: Conditions.Reconciling, ...(told && cause.state === 'waiting' ? told : settled) },
    { type: Conditions.Stalled, ...(told && cause.state === 'failed' ? told : settled) },
  ];
}

function availableCondition({ available }: BotView): Omit<ConditionUpdate, 'observedGeneration'>[] {
  if (!available) return [];
  return [{ type: Conditions.Available, status: available.is ? 'True' : 'False', reason: available.reason, message: available.message }];
}

function webhookCondition(view: BotView): Omit<ConditionUpdate, 'observedGeneration'> {
  if (view.suspended && view.webhook.state === 'done') return { type: Conditions.WebhookRegistered, status: 'False', reason: Reasons.Suspended, message: 'removed while suspended' };
  if (view.webhook.reason === Reasons.PollingInstead) return { type: Conditions.WebhookRegistered, status: 'False', reason: Reasons.PollingInstead, message: view.webhook.message };
  return fromOutcome(Conditions.WebhookRegistered, view.webhook);
}

function pinnedCondition({ pin }: BotView): Omit<ConditionUpdate, 'observedGeneration'> {
  if (!pin) return { type: Conditions.Pinned, status: 'False', reason: Reasons.NotPinned, message: '' };
  if (pin.waiting === undefined) return { type: Conditions.Pinned, status: 'True', reason: Reasons.PinnedRevision, message: `pinned to ${pin.name}` };
  return { type: Conditions.Pinned, status: 'True', reason: Reasons.NewerRevisionWaits, message: `pinned to ${pin.name}; ${pin.waiting} waits` };
}

function rolloutConditions({ decision }: BotView): Omit<ConditionUpdate, 'observedGeneration'>[] {
  if (!decision) return [];
  const { waits, candidate, failed, wanted } = decision;
  const given = failed.find((entry) => entry.revision === wanted);
  const isPaused = candidate !== undefined && waits?.for === 'person';
  return [
    isPaused
      ? { type: Conditions.RolloutPaused, status: 'True', reason: waits.cause.reason, message: `${candidate.revision} at ${candidate.weight} %: ${waits.cause.message}` }
      : { type: Conditions.RolloutPaused, status: 'False', reason: Reasons.NotPaused, message: '' },
    given
      ? { type: Conditions.RolloutFailed, status: 'True', reason: given.reason, message: `${given.revision}: ${given.message}` }
      : { type: Conditions.RolloutFailed, status: 'False', reason: Reasons.NotFailed, message: '' },
  ];
}

function fromOutcome(type: string, { state, reason, message }: Outcome): Omit<ConditionUpdate, 'observedGeneration'> {
  return { type, status: state === 'done' ? 'True' : 'False', reason, message };
}

/** For a Bot that is being deleted. */
export function deletingConditions(known: BotStatus['conditions'], generation: number, reason: Reason, message: string, nowIso: string): Condition[] {
  let conditions = removeCondition(known, Conditions.Pinned);
  const updates: ConditionUpdate[] = [
    { type: Conditions.Ready, status: 'False', reason, message },
    { type: Conditions.Available, status: 'False', reason: Reasons.Deleting, message: '' },
    { type: Conditions.Reconciling, status: 'True', reason, message },
  ];
  for (const update of updates) conditions = setCondition(conditions, { ...update, observedGeneration: generation }, nowIso);
  return conditions;
}
