import { getCondition, isTrue, removeCondition, setCondition } from '@botplane/k8s';
import type { BotRevisionStatus, Condition, ConditionUpdate } from '@botplane/k8s';
import type { Outcome } from '../../outcome.ts';
import { Conditions, Reasons } from '../../reasons.ts';

/** How the phases of one reconcile ended, in their order. */
export interface RevisionView {
  generation: number;
  source: Outcome;
  published: Outcome;
  loaded: Outcome;
  /** What loading it in another pool came to, where its Bot is to move. */
  followed: Outcome;
  healthy: Outcome;
  /** Undefined: nobody asks for it. */
  tested: Outcome | undefined;
  inUse: boolean;
}

/** All conditions of a BotRevision. Pure; `known` are those of before. */
export function revisionConditions(known: BotRevisionStatus['conditions'], view: RevisionView, nowIso: string): Condition[] {
  const phases = [view.source, view.published, view.loaded, view.healthy];
  const cause = phases.find((outcome) => outcome.state !== 'done');
  const settled = { status: 'False', reason: Reasons.Settled, message: '' } as const;
  const idle = wasRouted(known) ? Reasons.NoLongerRouted : Reasons.NotRouted;
  const told = cause && ({ status: 'True', reason: cause.reason, message: cause.message } as const);
  const updates: Omit<ConditionUpdate, 'observedGeneration'>[] = [
    cause ? { type: Conditions.Ready, status: 'False', reason: cause.reason, message: cause.message } : { type: Conditions.Ready, status: 'True', reason: Reasons.Ready, message: 'built, loaded and proved' },
    { type: Conditions.Reconciling, ...(told && cause.state === 'waiting' ? told : settled) },
    { type: Conditions.Stalled, ...(told && cause.state === 'failed' ? told : settled) },
    part(Conditions.SourceResolved, view.source),
    part(Conditions.Published, view.published),
    part(Conditions.Loaded, view.loaded),
    ...(view.followed.state === 'done' ? [] : [part(Conditions.Moved, view.followed)]),
    part(Conditions.Healthy, view.healthy),
    ...(view.tested ? [part(Conditions.TestsPassed, view.tested)] : []),
    { type: Conditions.Active, status: view.inUse ? 'True' : 'False', reason: view.inUse ? Reasons.Routed : idle, message: '' },
    { type: Conditions.Drained, status: view.inUse ? 'False' : 'True', reason: view.inUse ? Reasons.Routed : Reasons.NotRouted, message: '' },
  ];
  let conditions = view.followed.state === 'done' ? removeCondition(known, Conditions.Moved) : (known ?? []);
  for (const update of updates) conditions = setCondition(conditions, { ...update, observedGeneration: view.generation }, nowIso);
  return conditions;
}

/** Whether a route has ever named the revision: its Active condition remembers, also when Bot and route lost what they knew. */
export function wasRouted(conditions: BotRevisionStatus['conditions']): boolean {
  return isTrue(conditions, Conditions.Active) || getCondition(conditions, Conditions.Active)?.reason === Reasons.NoLongerRouted;
}

const part = (type: string, { state, reason, message }: Outcome): Omit<ConditionUpdate, 'observedGeneration'> => ({ type, status: state === 'done' ? 'True' : 'False', reason, message });
