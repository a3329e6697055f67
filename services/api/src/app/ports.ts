import type { Json } from '@botplane/domain';
import type { ApiKeyRecord } from '../domain/api-key.ts';
import type { DeadLetter, Queue } from '../domain/dead-letter.ts';
import type { ReplayMessage } from '../domain/plan-replay.ts';

/** The stream of dead letters. Every method throws AppError `store.unavailable` when the broker does not answer. */
export interface DeadLetters {
  /** Up to BATCH_LETTERS_MAX letters of a queue from this sequence on, oldest first; empty at the end. `bot` is a shortcut, not a promise. */
  batch(queue: Queue, bot: string | undefined, fromSeq: number): Promise<DeadLetter[]>;
  find(queue: Queue, seq: number): Promise<DeadLetter | undefined>;
  /** False when it was gone already. */
  remove(seq: number): Promise<boolean>;
  /** Removes a whole queue, or all of one bot in it, up to this sequence; returns how many. */
  purge(queue: Queue, bot: string | undefined, upToSeq: number): Promise<number>;
  /** Sequence of the newest letter of any queue; 0 when there was none. */
  lastSeq(): Promise<number>;
  depths(): Promise<Record<Queue, number>>;
}

/** Where replays go. */
export interface ReplayQueue {
  /** `duplicate`: the broker has this message id already. Throws AppError `store.full` or `store.unavailable`. */
  publish(message: ReplayMessage): Promise<'stored' | 'duplicate'>;
}

/** Stored API keys. Throws AppError `store.unavailable` when the database does not answer. */
export interface ApiKeys {
  find(id: string): Promise<ApiKeyRecord | undefined>;
  /** Oldest first, from after this key on. */
  page(afterId: string | undefined, max: number): Promise<ApiKeyRecord[]>;
  /** Runs changes and their audit entry in one transaction. */
  create(key: ApiKeyRecord, audit: AuditEntry): Promise<void>;
  /** Creates the successor and ends the old key; false when the old one was ended in between. */
  replace(oldId: string, end: { revokedAt: Date } | { expiresAt: Date }, successor: ApiKeyRecord, audit: AuditEntry): Promise<boolean>;
  /** False when it was revoked before. */
  revoke(id: string, at: Date, audit: AuditEntry): Promise<boolean>;
  markUsed(id: string, at: Date): Promise<void>;
}

/** One control action. */
export interface AuditEntry {
  actor: string;
  action: string;
  target: string;
  /** No personal data and no secrets. */
  details: { [name: string]: Json };
}

/** A control action as it was written down. */
export interface AuditRecord extends Omit<AuditEntry, 'details'> {
  id: bigint;
  at: Date;
  details: Json;
}

/** Which entries are meant; all of them without a filter. */
export interface AuditFilter {
  actor?: string | undefined;
  action?: string | undefined;
  /** Beginning of the target. */
  target?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

/** Who did what; rows are only added. */
export interface AuditLog {
  add(entry: AuditEntry): Promise<void>;
  /** Newest first, before this entry. */
  page(filter: AuditFilter, beforeId: bigint | undefined, max: number): Promise<AuditRecord[]>;
}

export interface Clock {
  nowMs(): number;
}

/** Counts outcomes of replays. */
export interface ReplayMeter {
  count(queue: Queue, outcome: 'replayed' | 'duplicate' | 'refused' | 'failed'): void;
}
