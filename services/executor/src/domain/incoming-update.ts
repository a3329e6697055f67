import type { GuestEvent } from '@botplane/contracts';
import type { Span } from '@botplane/kit';
import { parseBotId } from '@botplane/domain';
import type { Json } from '@botplane/domain';

/** One message of `updates.<p>.<botId>`, read and checked. */
export interface IncomingUpdate {
  botId: string;
  partition: number;
  orderKey: string;
  stateKey: string;
  /** Kind of Telegram update, or `timer`. */
  kind: string;
  /** Absent on timers. */
  updateId: number | undefined;
  acceptedMs: number;
  /** Sequence in the stream: the order, and part of every id that comes from this update. */
  seq: number;
  event: GuestEvent;
  /** Of the work on it, once that has begun; absent when it is not recorded. */
  span?: Span;
}

export interface RawMessage {
  subject: string;
  seq: number;
  header: (name: string) => string;
  text: () => string;
}

/** Body of a timer's message on `updates.<p>.<botId>`. */
export interface TimerBody {
  timer: { key: string; nonce: string };
}

/** Kind of the messages that bring due timers. */
export const TIMER_KIND = 'timer';

const KEY = /^[A-Za-z0-9_-]{1,200}$/;

/** Undefined for a message that nobody could work on: ingress and executors write none. */
export function readMessage(raw: RawMessage, headers: { orderKey: string; stateKey: string; kind: string; updateId: string; acceptedMs: string }): IncomingUpdate | undefined {
  const [, partition, botId] = raw.subject.split('.');
  const orderKey = raw.header(headers.orderKey);
  const stateKey = raw.header(headers.stateKey);
  const kind = raw.header(headers.kind);
  const acceptedMs = Number(raw.header(headers.acceptedMs));
  const event = readEvent(kind, raw);
  if (botId === undefined || parseBotId(botId) === undefined || !KEY.test(orderKey) || !KEY.test(stateKey) || !Number.isFinite(acceptedMs) || event === undefined) return undefined;
  const updateIdText = raw.header(headers.updateId);
  return { botId, partition: Number(partition), orderKey, stateKey, kind, acceptedMs, seq: raw.seq, event, updateId: /^\d+$/.test(updateIdText) ? Number(updateIdText) : undefined };
}

function readEvent(kind: string, raw: RawMessage): GuestEvent | undefined {
  try {
    const body = JSON.parse(raw.text()) as Json;
    if (typeof body !== 'object' || body === null) return undefined;
    if (kind !== TIMER_KIND) return { kind: 'update', update: body };
    const { timer } = body as unknown as TimerBody;
    return { kind: 'timer', key: timer.key, nonce: timer.nonce };
  } catch {
    return undefined;
  }
}
