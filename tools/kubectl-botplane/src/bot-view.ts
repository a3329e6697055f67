import type { Bot, BotRevision } from '@botplane/k8s';

export const nameOf = (bot: Bot): string => `${bot.metadata.namespace}/${bot.metadata.name}`;

/** The revision that waits to take over: the candidate of a rollout, else the newest one that does not serve. Undefined: none waits. */
export function candidateOf({ status }: Bot): string | undefined {
  const candidate = status?.canaryRevision ?? status?.latestCreatedRevision;
  return candidate === status?.stableRevision ? undefined : candidate;
}

/** Percentage of chats per revision, as the operator decided last. */
export function weightsOf({ status }: Bot): ReadonlyMap<string, number> {
  const { stableRevision, canaryRevision, canaryWeight = 0 } = status ?? {};
  const weights = new Map<string, number>();
  if (status?.servingState === 'Suspended') return weights;
  const isSplit = canaryRevision !== undefined && canaryRevision !== stableRevision;
  if (stableRevision !== undefined) weights.set(stableRevision, isSplit ? 100 - canaryWeight : 100);
  if (isSplit) weights.set(canaryRevision, canaryWeight);
  return weights;
}

/** Newest first; those of the same second by name. */
export function byAge(revisions: readonly BotRevision[]): BotRevision[] {
  const createdAt = (revision: BotRevision): string => revision.metadata.creationTimestamp ?? '';
  return revisions.toSorted((a, b) => createdAt(b).localeCompare(createdAt(a)) || a.metadata.name.localeCompare(b.metadata.name));
}

export const isReady = (revision: BotRevision): boolean => revision.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
