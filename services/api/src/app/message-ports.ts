import type { Month } from '../domain/month.ts';
import type { ArrivedMessage, Erasure, StoredMessage } from '../domain/stored-message.ts';

/** Which messages of a chat are meant. */
export interface MessageFilter {
  botId: string;
  chatId: string;
  role?: string | undefined;
  kind?: string | undefined;
  userId?: bigint | undefined;
  threadId?: bigint | undefined;
  /** From this moment on. */
  since?: Date | undefined;
  /** Before this moment. */
  until?: Date | undefined;
}

/** Place in a list, newest first. */
export interface MessageCursor {
  createdAt: Date;
  id: bigint;
}

/** Whose messages are erased: exactly one of chat and user. */
export type EraseTarget = { botId: string } & ({ chatId: string } | { userId: bigint });

/** The messages store. Every method throws AppError `store.unavailable` when the database does not answer. */
export interface Messages {
  /** Writes messages, each once however often it comes, but none that was erased; returns how many were new. The months must be there. */
  write(messages: readonly ArrivedMessage[]): Promise<number>;
  /** Newest first, after the cursor. */
  page(filter: MessageFilter, after: MessageCursor | undefined, max: number): Promise<StoredMessage[]>;
  /** Notes an erasure; no message that was sent before is written once this returns. */
  noteErasure(erasure: Erasure): Promise<void>;
  /** Deletes at most `max` messages sent up to a moment; returns how many. */
  erase(target: EraseTarget, upTo: Date, max: number): Promise<number>;
  isAnswering(): Promise<boolean>;
}

/** How long bots keep messages, and what is over. Throws as above. */
export interface MessageRetention {
  /** Makes partitions that are missing. */
  ensureMonths(months: readonly Month[]): Promise<void>;
  months(): Promise<Month[]>;
  /** Longest retention of any bot in ms; 0 when there is none. */
  longestMs(): Promise<number>;
  /** Drops whole partitions. */
  drop(months: readonly Month[]): Promise<void>;
  /** Deletes at most `max` messages that are older than their bot keeps them; returns how many. 0 also while another replica does it. */
  deleteExpired(now: Date, max: number): Promise<number>;
  /** Erasures noted before this moment have no message left on its way. */
  forgetErasures(before: Date): Promise<void>;
}

/** Where messages go that the database refuses. */
export interface MessageLetters {
  put(text: string, subject: string, reason: string, error: string): Promise<void>;
}

export interface MessageMeter {
  count(outcome: 'written' | 'known' | 'expired' | 'unreadable' | 'refused', n: number): void;
  removed(by: 'partition' | 'rows', n: number): void;
}
