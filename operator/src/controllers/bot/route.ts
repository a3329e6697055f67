import { createHmac } from 'node:crypto';
import type { RouteRecord, RoutedRevision } from '@botplane/contracts';
import type { StateKeyKind } from '@botplane/domain';
import { canonicalJson, sha256Hex } from '@botplane/domain';
import type { ServingDecision } from './decide.ts';

export interface RouteInput {
  botId: string;
  uid: string;
  decision: Pick<ServingDecision, 'state' | 'candidate' | 'superseded'> & { revision: string };
  /** revHash by revision name, for the decided and the superseded ones. */
  revHashes: ReadonlyMap<string, string>;
  /** Key in KV `runtimes` of the pods that run a revision. */
  runtimes: ReadonlyMap<string, string>;
  stateKey: StateKeyKind;
  webhookSecret: string;
  telegram: { id: number; username: string };
  /** Bots that are polled: the kinds of updates to ask for. */
  polledUpdates?: readonly string[] | undefined;
}

/** The route that follows from a decision, without its number. */
export function makeRoute(input: RouteInput): Omit<RouteRecord, 'routeSeq'> {
  const { botId, uid, decision, revHashes, runtimes, stateKey, webhookSecret, telegram, polledUpdates } = input;
  const revisions: { [name: string]: RoutedRevision } = {};
  const canary = routedCandidate(decision.candidate);
  for (const name of routedNames(decision)) {
    const revHash = revHashes.get(name);
    const runtime = runtimes.get(name);
    if (revHash !== undefined && runtime !== undefined) revisions[name] = { revHash, runtime };
  }
  return {
    v: 1, botId, uid, state: decision.state, split: splitOf(decision.revision, canary), revisions, stateKey,
    webhookSecretSha256: sha256Hex(webhookSecret), telegram: { id: telegram.id, username: telegram.username },
    ...(polledUpdates && { updates: 'Polling' as const, allowedUpdates: [...polledUpdates] }),
  };
}

/** Revisions that a route names. */
export function routedNames({ revision, candidate, superseded }: RouteInput['decision']): string[] {
  const canary = routedCandidate(candidate);
  return [revision, ...(canary ? [canary.revision] : []), ...superseded.map((entry) => entry.revision)];
}

/** At 0 % a candidate is proved, but not routed. */
const routedCandidate = (candidate: ServingDecision['candidate']): RouteRecord['split'][number] | undefined =>
  candidate && candidate.weight > 0 ? { revision: candidate.revision, weight: candidate.weight } : undefined;

const splitOf = (stable: string, canary: RouteRecord['split'][number] | undefined): RouteRecord['split'] =>
  canary ? [{ revision: stable, weight: 100 - canary.weight }, canary] : [{ revision: stable, weight: 100 }];

/** The secret that Telegram sends with every update: derived, so that nothing has to be stored and every restart knows it. */
export function deriveWebhookSecret(installKey: Uint8Array, uid: string, botId: string): string {
  return createHmac('sha256', installKey).update(`webhook/${uid}/${botId}`).digest('hex');
}

/** What status recorded of the last decision. */
export interface RecordedDecision {
  routeSeq: number;
  revision: string | undefined;
  /** Undefined: none that gets traffic. */
  candidate: { revision: string; weight: number } | undefined;
  state: string | undefined;
  superseded: readonly string[];
}

/**
 * `none`: the route says it already (with this number). `put`: the decision is recorded in status; only the route is missing or behind.
 * `decide`: record the decision under this number first, then put.
 */
export type FlipPlan = { kind: 'none' | 'put' | 'decide'; routeSeq: number };

/** Compares what is recorded, what is routed and what is wanted. Pure; a lower number, or one up to `usedSeq`, is never chosen. */
export function planFlip(recorded: RecordedDecision, route: RouteRecord | undefined, wanted: Omit<RouteRecord, 'routeSeq'>, usedSeq = 0): FlipPlan {
  const routedSeq = route?.routeSeq ?? 0;
  const seq = Math.max(recorded.routeSeq, routedSeq, usedSeq);
  const isRecorded = recorded.routeSeq > 0 && isSameDecision(recorded, wanted);
  if (route && isSameRoute(route, wanted)) {
    if (routedSeq < recorded.routeSeq) return { kind: 'put', routeSeq: recorded.routeSeq };
    return isRecorded && routedSeq === recorded.routeSeq ? { kind: 'none', routeSeq: seq } : { kind: 'decide', routeSeq: seq };
  }
  // An operator that died between the two writes, or a bucket that lost the route: finish what status says.
  if (isRecorded && recorded.routeSeq > routedSeq) return { kind: 'put', routeSeq: recorded.routeSeq };
  return { kind: 'decide', routeSeq: seq + 1 };
}

/**
 * The highest number that a Bot without any record may have used: `formerSeq`, in the tombstone of its predecessor of the same name, and where
 * route and status are both lost one per second of each minute begun, which no rollout reaches. A Bot none of whose revisions `wasRouted` is
 * new in its first minute; later it is not asked, since revisions are collected.
 */
export function usedSeqOf({ createdMs, formerSeq, wasRouted }: { createdMs: number; formerSeq: number; wasRouted: boolean }, nowMs: number): number {
  const minutes = Math.max(0, Math.floor((nowMs - createdMs) / 60_000));
  return Math.max(formerSeq, 60 * (wasRouted ? minutes + 1 : minutes));
}

function isSameDecision(recorded: RecordedDecision, wanted: Omit<RouteRecord, 'routeSeq'>): boolean {
  const [stable, candidate] = wanted.split;
  const names = Object.keys(wanted.revisions).filter((name) => name !== recorded.revision && name !== candidate?.revision).toSorted();
  if (recorded.candidate?.revision !== candidate?.revision || recorded.candidate?.weight !== candidate?.weight) return false;
  return recorded.state === wanted.state && recorded.revision === stable?.revision && canonicalJson(recorded.superseded.toSorted()) === canonicalJson(names);
}

function isSameRoute(route: RouteRecord, wanted: Omit<RouteRecord, 'routeSeq'>): boolean {
  const { routeSeq: _, ...content } = route;
  return canonicalJson(content) === canonicalJson(wanted);
}

/** The tombstone of a deleted Bot: ingress answers 410, so Telegram drops the webhook. */
export function makeTombstone(route: RouteRecord): RouteRecord {
  return { ...route, routeSeq: route.routeSeq + 1, state: 'Deleted', split: [], revisions: {} };
}
