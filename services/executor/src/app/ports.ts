import type { ApiCallRequest, ApiCallResult, ChatRecord, ExecutorFailpoint, GuestInput, GuestOutput, OutboundCall, OutboxEntry, RevisionPassport, RouteRecord } from '@botplane/contracts';
import type { Span } from '@botplane/kit';
import type { IncomingUpdate } from '../domain/incoming-update.ts';

/** Every port throws TemporaryFailure when what is behind it does not answer. */

export interface Clock {
  nowMs(): number;
}

/** Who serves a bot. */
export interface Routes {
  /** The last route known, from memory. */
  find(botId: string): RouteRecord | undefined;
  /** The newest route, read past the memory. */
  refresh(botId: string): Promise<RouteRecord | undefined>;
  /** False before the first full sync. */
  readonly isReady: boolean;
}

export interface LoadedRecord {
  record: ChatRecord | undefined;
  /** What the next save must name; 0 when there is no record. */
  revision: number;
}

/** Records of state keys. One instance serves one ownership of one partition and forgets with it. */
export interface Records {
  load(botId: string, stateKey: string): Promise<LoadedRecord>;
  /** Compare-and-set; after `conflict` or a failure the next load reads anew. */
  save(botId: string, stateKey: string, record: ChatRecord, revision: number): Promise<'saved' | 'conflict'>;
}

/** Where a revision runs. */
export interface GuestAddress {
  botId: string;
  revHash: string;
  runtime: string;
}

/** Runs steps of bots in runtime pods. Throws GuestFailure for the bot's own faults. */
export interface Guests {
  run(address: GuestAddress, input: GuestInput, span?: Span): Promise<GuestOutput>;
}

/** Passports of published revisions. */
export interface Passports {
  get(botId: string, revHash: string): Promise<RevisionPassport>;
}

/** Publishes outboxes, each entry at most once however often it is called. */
export interface Outbox {
  publish(update: IncomingUpdate, entries: readonly OutboxEntry[]): Promise<void>;
  /** Publishes the early answer to a press, which belongs to the trace that `traceparent` names. */
  answer(call: OutboundCall, traceparent?: string): Promise<void>;
}

export interface ArmableTimer {
  key: string;
  nonce: string;
  atMs: number;
}

export interface TimerStore {
  arm(update: IncomingUpdate, timer: ArmableTimer): Promise<void>;
  disarm(update: IncomingUpdate, timer: ArmableTimer): Promise<void>;
}

/** Values of a revision's secretRefs. */
export interface Secrets {
  get(botId: string, revision: string): Promise<{ [name: string]: string }>;
}

/** Results of apiCalls that must not be repeated. */
export interface CallResults {
  find(key: string): Promise<ApiCallResult | undefined>;
  keep(key: string, result: ApiCallResult): Promise<void>;
}

export interface EgressContext {
  allowDomains: readonly string[];
  responseBytesMax: number;
  idempotencyKey: string;
  secrets: { [name: string]: string };
  /** Nobody waits for the result any more: no further attempt, and the one under way is broken off. */
  stop?: AbortSignal;
  /** Of the update; absent when it is not recorded. */
  span?: Span | undefined;
}

/** Performs an outgoing HTTP call with all its attempts, behind the egress guard. Never throws: failures are results. */
export interface Egress {
  perform(call: ApiCallRequest, context: EgressContext): Promise<ApiCallResult>;
}

/** How an update ended, for counters. `superseded`: a newer message took its place. */
export const SETTLED_AS = ['handled', 'ignored', 'failed', 'dlq', 'superseded', 'below', 'republished', 'seen', 'gone', 'unreadable'] as const;
export type SettledAs = (typeof SETTLED_AS)[number];

/** Where a chaos run may end this process; otherwise nothing happens. */
export interface Crashes {
  hit(point: ExecutorFailpoint): void;
}

/** Counters and logs; must not throw. */
export interface Reporter {
  settled(update: IncomingUpdate, as: SettledAs, latencyMs: number, code?: string): void;
  retried(update: IncomingUpdate, why: string, error?: Error): void;
  deadLettered(update: IncomingUpdate, reason: string, error: Error): void;
}
