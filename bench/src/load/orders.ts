/** What a bench and its load process say to each other over IPC. */
import type { BulkOrder, BulkSeen } from './bulk-watch.ts';

export interface TargetBot {
  botId: string;
  webhookSecret: string;
}

/** Where updates go in. `published`: as ingress publishes them; each chat has its bot, or people talk to bots by their popularity, the first one most. `bare`: to the stream of the bare path. `webhook`: over HTTP, as Telegram does. */
export type Target =
  | { via: 'published'; natsUrl: string; bots: readonly TargetBot[]; choice?: 'chat' | 'zipf' }
  | { via: 'bare'; natsUrl: string; partitions: number }
  | { via: 'webhook'; urls: readonly { url: string; secret: string }[]; connections: number };

export interface Drive {
  target: Target;
  /** What people send: a text, or the query before a payment. Default: a text. */
  what?: 'message' | 'pre_checkout';
  chats: number;
  /** Begins before the measured time. */
  warmUpMs: number;
  ms: number;
  /** Ends after so many updates instead of by time. */
  count?: number;
  /** Updates per second at fixed times; 0: as fast as `outstandingMax` allows. */
  perSecond: number;
  /** Updates that are not answered yet, above which none is sent. */
  outstandingMax: number;
  /** Updates on their way in at the same time. */
  sendingMax: number;
}

export interface Driven {
  /** Answers that arrived within the measured time. */
  answered: number;
  seconds: number;
  /** Of the whole drive, drained. */
  sent: number;
  repeated: number;
  /** From the intended time to the arrival of the answer, in ms; of the measured time. */
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
}

export type LoadOrder = { kind: 'listen' } | { kind: 'drive'; drive: Drive } | { kind: 'raw'; natsUrl: string; subject: string; ms: number; sendingMax: number } | { kind: 'watch-bulk'; bulk: BulkOrder } | { kind: 'bulk-done'; msMax: number };
export type LoadAnswer = { kind: 'listening'; port: number } | { kind: 'driven'; driven: Driven } | { kind: 'raw'; perSecond: number } | { kind: 'watching' } | { kind: 'bulk'; seen: BulkSeen } | { kind: 'failed'; message: string };
