import type { KeptMessage } from '@botplane/contracts';
import { z } from 'zod';
import { MESSAGE_AGE_MS_MAX, MESSAGE_AHEAD_MS_MAX } from '../limits.ts';

/** Who wrote: a person, or the bot. */
export const ROLES = ['user', 'assistant', 'system'] as const;
export type Role = (typeof ROLES)[number];

/** One row of the messages store. */
export interface StoredMessage {
  /** Grows in the order of writing. */
  id: bigint;
  createdAt: Date;
  botId: string;
  chatId: string;
  threadId: bigint | null;
  userId: bigint | null;
  type: string;
  role: string;
  externalId: string;
  telegramMessageId: bigint | null;
  telegramUpdateId: bigint | null;
  kind: string;
  content: string | null;
  pii: boolean;
}

export type NewMessage = Omit<StoredMessage, 'id'>;

/** A message as it comes from the stream. */
export interface ArrivedMessage {
  row: NewMessage;
  retentionMs: number;
}

const id = z.number().int().nullable();
const schema = z.object({
  v: z.literal(1),
  botId: z.string().min(1).max(200),
  direction: z.enum(['in', 'out']),
  chat: z.string().min(1).max(100),
  threadId: id,
  userId: id,
  id: z.string().min(1).max(300),
  messageId: id,
  updateId: id,
  kind: z.string().min(1).max(64),
  content: z.string().nullable(),
  pii: z.boolean(),
  sentMs: z.number().int().min(0).max(8_640_000_000_000_000),
  retentionMs: z.number().int().min(1).max(MESSAGE_AGE_MS_MAX),
}) satisfies z.ZodType<KeptMessage>;

/** Reads the body of `messages.<botId>`; undefined when it is none. */
export function readArrived(text: string): ArrivedMessage | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const read = schema.safeParse(body);
  if (!read.success) return undefined;
  const { direction, chat, id: externalId, messageId, updateId, sentMs, retentionMs, threadId, userId, content, botId, kind, pii } = read.data;
  return {
    retentionMs,
    row: {
      createdAt: new Date(sentMs), botId, chatId: chat, threadId: bigOf(threadId), userId: bigOf(userId), type: 'bot', role: direction === 'in' ? 'user' : 'assistant',
      externalId, telegramMessageId: bigOf(messageId), telegramUpdateId: bigOf(updateId), kind, pii,
      // Postgres has no place for NUL in a text.
      content: content?.replaceAll('\0', '\u{fffd}') ?? null,
    },
  };
}

/** Whether a message is still to be kept: not older than its bot keeps messages, and not from a clock that is far ahead. */
export function isCurrent({ row, retentionMs }: ArrivedMessage, nowMs: number): boolean {
  const sentMs = row.createdAt.getTime();
  return sentMs + retentionMs > nowMs && sentMs < nowMs + MESSAGE_AHEAD_MS_MAX;
}

const bigOf = (value: number | null): bigint | null => (value === null ? null : BigInt(value));

/** What was erased on request, up to when. */
export interface Erasure {
  botId: string;
  chatId: string | null;
  userId: bigint | null;
  erasedAt: Date;
}

/** Whether a message that is still on its way was erased meanwhile. */
export function isErased(row: Pick<NewMessage, 'botId' | 'chatId' | 'userId' | 'createdAt'>, erasures: readonly Erasure[]): boolean {
  return erasures.some(({ botId, chatId, userId, erasedAt }) =>
    botId === row.botId && row.createdAt <= erasedAt && (chatId === null ? userId === row.userId : chatId === row.chatId));
}
