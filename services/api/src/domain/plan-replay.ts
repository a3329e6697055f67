import { HEADERS, subjects } from '@botplane/contracts';
import type { MessageKeep, OutboundCall } from '@botplane/contracts';
import { outboundPartition, updatePartition } from '@botplane/domain';
import { z } from 'zod';
import type { DeadLetter } from './dead-letter.ts';

/** A message that puts a dead letter to the tail of where it came from. */
export interface ReplayMessage {
  subject: string;
  body: string;
  headers: { [name: string]: string };
  msgId: string;
}

export type ReplayPlan = { kind: 'publish'; message: ReplayMessage } | { kind: 'refuse'; code: string; message: string };

/**
 * Update ids of replays: above every id that Telegram gives, and below the largest safe integer.
 * The original id would be among the last ones of its chat, which executors take for a repeat and drop.
 */
export const REPLAY_UPDATE_ID_BASE = 2 ** 52;

/** Plain subjects only: no wildcards, nothing of the server's own ($KV, $JS), and not back into the dead letters. */
const TARGET = /^(?!dlq\.)[a-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_=-]+)+$/;

const keepSchema = z.object({
  retentionMs: z.number(),
  userId: z.number().nullable(),
  updateId: z.number().nullable(),
  content: z.string().nullable().exactOptional(),
}) satisfies z.ZodType<MessageKeep>;

const callSchema = z.object({
  v: z.literal(1),
  botId: z.string().min(1),
  lane: z.enum(['reply', 'bulk', 'paid']),
  chat: z.string().nullable(),
  method: z.string().min(1),
  params: z.record(z.string(), z.json()),
  revision: z.string(),
  ref: z.string().exactOptional(),
  keep: keepSchema.exactOptional(),
});

/** Decides what a replay publishes. The source is the letter itself, so that a second replay is a no-op wherever the first got to. */
export function planReplay(letter: DeadLetter, nowMs: number): ReplayPlan {
  if (letter.entry === null) return refuse('dlq.unreadable', 'the entry cannot be read; look at it in the stream DLQ, then delete it');
  switch (letter.queue) {
    case 'in':
      return planUpdate(letter.seq, letter.entry, nowMs);
    case 'out':
      return planCall(letter.seq, letter.entry.payload, nowMs);
    case 'jobs':
      return planJob(letter.seq, letter.entry);
  }
}

/** A job names the subject that its payload goes back to. */
function planJob(seq: number, { target, payload }: NonNullable<DeadLetter['entry']>): ReplayPlan {
  if (target === undefined) return refuse('dlq.not_replayable', 'the entry does not say where the job goes; start it again where it came from, then delete this entry');
  if (!TARGET.test(target)) return refuse('dlq.not_replayable', `the entry names ${JSON.stringify(target.slice(0, 100))}, which is no subject of a queue; delete it`);
  return { kind: 'publish', message: { subject: target, body: JSON.stringify(payload), headers: {}, msgId: replayMessageId(seq) } };
}

function planUpdate(seq: number, entry: NonNullable<DeadLetter['entry']>, nowMs: number): ReplayPlan {
  const { keys, botId, payload } = entry;
  if (keys === undefined) return refuse('dlq.not_replayable', 'the entry does not say which chat it belongs to; ask the person to write again, then delete it');
  const headers = {
    [HEADERS.orderKey]: keys.orderKey,
    [HEADERS.stateKey]: keys.stateKey,
    [HEADERS.kind]: keys.kind,
    [HEADERS.updateId]: String(REPLAY_UPDATE_ID_BASE + seq),
    [HEADERS.acceptedMs]: String(nowMs),
  };
  return { kind: 'publish', message: { subject: subjects.update(updatePartition(botId, keys.orderKey), botId), body: JSON.stringify(payload), headers, msgId: replayMessageId(seq) } };
}

function planCall(seq: number, payload: unknown, nowMs: number): ReplayPlan {
  const read = callSchema.safeParse(payload);
  if (!read.success) return refuse('dlq.not_replayable', 'the entry holds no call that can be sent; delete it');
  const call = read.data;
  // A source key of its own: delivery takes anything at or below the last effect of a source for already sent.
  const source = { key: `dlq:${seq}`, seq, n: 0 };
  const outbound: OutboundCall = { ...call, source, acceptedMs: nowMs };
  const subject = subjects.outbound(call.lane, outboundPartition(call.botId), call.botId);
  return { kind: 'publish', message: { subject, body: JSON.stringify(outbound), headers: {}, msgId: replayMessageId(seq) } };
}

/** Message id of a replay: within the duplicate window the stream itself drops a second one. */
export const replayMessageId = (seq: number): string => `dlq:${seq}`;

const refuse = (code: string, message: string): ReplayPlan => ({ kind: 'refuse', code, message });
