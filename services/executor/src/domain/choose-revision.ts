import type { GuestEnv, GuestState, RouteRecord } from '@botplane/contracts';
import { splitBucket } from '@botplane/domain';

/** Which revision runs an update, and what it must know about that choice. */
export interface RunPlan {
  revision: string;
  conversation: GuestEnv['conversation'];
  routed: boolean;
}

/** The revision that a chat is routed to now: the candidate gets its weight of the chats, always the same ones. */
export function routedRevision(route: RouteRecord, orderKey: string): string | undefined {
  const [stable, candidate] = route.split;
  if (candidate === undefined || stable === undefined) return stable?.revision;
  return splitBucket(route.botId, orderKey, candidate.revision) < candidate.weight * 100 ? candidate.revision : stable.revision;
}

/**
 * First plan for an update: the routed revision, which alone knows what starts something new for it. What belongs to a conversation
 * on another revision that still serves comes back as `redirect: 'conversation'`. Undefined: the route names no revision.
 */
export function planRun(route: RouteRecord, orderKey: string, state: GuestState): RunPlan | undefined {
  const routed = routedRevision(route, orderKey);
  if (routed === undefined || route.revisions[routed] === undefined) return undefined;
  const running = state.conversation?.revision;
  if (running === undefined || running === routed) return { revision: routed, conversation: 'own', routed: true };
  if (route.revisions[running] === undefined) return { revision: routed, conversation: 'moved', routed: true };
  return { revision: routed, conversation: 'elsewhere', routed: true };
}

/**
 * Plan after a redirect. A conversation's revision that would send the update back has the last word, since the routed one wanted
 * nothing of it. Undefined when the redirect leads nowhere new, which is the guest's own failure.
 */
export function planRedirect(state: GuestState, last: RunPlan, redirect: 'conversation' | 'routed'): RunPlan | undefined {
  const running = state.conversation?.revision;
  if (running === undefined) return undefined;
  if (redirect === 'conversation' && last.conversation === 'elsewhere') return { revision: running, conversation: 'own', routed: false };
  if (redirect === 'routed' && !last.routed) return { revision: running, conversation: 'own', routed: true };
  return undefined;
}
