import type { RouteRecord } from '@botplane/contracts';
import { getCondition, isDeleting } from '@botplane/k8s';
import type { Bot, BotRevision, ObjectRef } from '@botplane/k8s';
import { isHandsOff } from '../hands-off.ts';
import { RECHECK_MS } from '../limits.ts';
import { dedicatedLabel, refOfRuntimeKey, revisionOfDedicated, runtimeKey } from '../names.ts';
import { waiting } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import { Conditions, Reasons } from '../reasons.ts';
import type { Reason } from '../reasons.ts';
import { runtimeRefOf } from './bot/observe.ts';

/** Key in KV `runtimes` of the pods that run a revision: those of its own, or those of the pool that its Bot names. */
export const runtimeKeyOf = (revision: BotRevision, bot: Bot, installNamespace: string): string => dedicatedKeyOf(revision) ?? runtimeRefOf(bot, installNamespace).key;

const dedicatedKeyOf = ({ metadata: { name, namespace = '' }, spec }: BotRevision): string | undefined =>
  spec.isolation === 'Dedicated' ? runtimeKey(namespace, dedicatedLabel(name)) : undefined;

/** A pool as one Bot finds it. */
export interface PoolView {
  /** In KV `runtimes`. */
  key: string;
  /** What checkPool said. */
  access: Outcome;
  readyPods: number;
  /** Of what the route splits the chats among, the Pooled revisions that were not loaded there yet. */
  unloaded: readonly Unloaded[];
}

/** A revision that a pool is still to load. */
export interface Unloaded {
  name: string;
  /** What the last try came to; undefined: none failed. */
  cause: { reason: Reason; message: string } | undefined;
}

export interface PoolChoice {
  /** Where Pooled revisions of the Bot run; undefined: nowhere yet. */
  key: string | undefined;
  /** Revisions may come there that the route does not name yet. */
  isOpen: boolean;
  /** Dedicated ones may come: their pods are made like those of the pool that the Bot names. */
  isDedicatedOpen: boolean;
  /** Why the pool that the Bot names does not run it, or not all of it. */
  outcome: Outcome;
}

/**
 * A Bot leaves the pool that its route names only for one that takes it and has loaded what it runs: a slip in `runtimeRef` costs no answers, and a
 * move no cold start. Where no pod of the old one is left, a ready pod is enough. A pool that takes it no more keeps what is routed there and gets
 * nothing new. Pure.
 */
export function choosePool(wanted: PoolView, current: PoolView | undefined): PoolChoice {
  const isAllowed = wanted.access.state === 'done';
  if (!current || current.key === wanted.key) {
    const key = current?.key ?? (isAllowed ? wanted.key : undefined);
    return { key, isOpen: isAllowed, isDedicatedOpen: isAllowed, outcome: current ? withNote(wanted.access, 'what it runs there goes on') : wanted.access };
  }
  const cause = obstacleOf(wanted, current);
  if (!cause) return { key: wanted.key, isOpen: true, isDedicatedOpen: true, outcome: wanted.access };
  return { key: current.key, isOpen: current.access.state === 'done', isDedicatedOpen: isAllowed, outcome: withNote(cause, `until then the bot stays on ${nameOf(current.key)}`) };
}

/** Undefined: nothing keeps the Bot from moving. */
function obstacleOf({ key, access, readyPods, unloaded }: PoolView, current: PoolView): Outcome | undefined {
  if (access.state !== 'done') return access;
  if (readyPods === 0) return waiting(Reasons.NoCapacity, `BotRuntime ${nameOf(key)} has no ready pod`, RECHECK_MS);
  if (current.readyPods === 0 || unloaded.length === 0) return undefined;
  const cause = unloaded.find((one) => one.cause)?.cause;
  const what = `BotRuntime ${nameOf(key)} has not loaded ${unloaded.map(({ name }) => name).join(' and ')} yet`;
  return cause ? waiting(cause.reason, `${what} (${cause.message})`) : waiting(Reasons.Progressing, what);
}

const nameOf = (key: string): string => key.replace('_', '/');

const withNote = (outcome: Outcome, note: string): Outcome => (outcome.state === 'done' ? outcome : { ...outcome, message: `${outcome.message}; ${note}` });

/** The pool that a route names: all its Pooled revisions run there. */
export function routedPool(route: RouteRecord | undefined): { key: string; ref: ObjectRef } | undefined {
  for (const { runtime: key } of Object.values(route?.revisions ?? {})) {
    const ref = refOfRuntimeKey(key);
    if (ref && revisionOfDedicated(ref.name) === undefined) return { key, ref };
  }
  return undefined;
}

/**
 * Pooled revisions that share the chats of a Bot and were last loaded in another pool. Conversations on superseded ones hold nothing up, nor does what
 * nobody is going to load: a revision that is being deleted, that the operator is to leave alone, or that no pod is known to have loaded before.
 */
export const unloadedAt = (key: string, route: RouteRecord | undefined, revisions: readonly BotRevision[]): Unloaded[] =>
  (route?.split ?? []).flatMap(({ revision: name }) => {
    const found = revisions.find(({ metadata }) => metadata.name === name);
    const isMoving = found && dedicatedKeyOf(found) === undefined && !isDeleting(found) && !isHandsOff(found) && found.status?.runtime !== undefined && found.status.runtime !== key;
    return isMoving ? [{ name, cause: causeOf(found) }] : [];
  });

function causeOf({ status }: BotRevision): Unloaded['cause'] {
  const told = [Conditions.Moved, Conditions.Loaded].map((type) => getCondition(status?.conditions, type)).find((condition) => condition?.status === 'False');
  return told && { reason: told.reason as Reason, message: told.message };
}

/** Where a revision runs, given the choice for its Bot; undefined: it must not be routed. `routed`: where the route has it now. Pure. */
export function placeOf(revision: BotRevision, pool: PoolChoice, routed: string | undefined): string | undefined {
  const own = dedicatedKeyOf(revision);
  const isOpen = own === undefined ? pool.isOpen : pool.isDedicatedOpen;
  return routed !== undefined || isOpen ? (own ?? pool.key) : undefined;
}
