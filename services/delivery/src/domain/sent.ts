import type { OutboundCall, SentRecord } from '@botplane/contracts';
import { REFS_MAX, SOURCES_MAX } from '../limits.ts';

export const EMPTY_SENT: SentRecord = { v: 1, last: {}, refs: {} };

/** Key within a bot of the order a call keeps: its chat, or where it comes from when it concerns no chat. Made of what KV keys allow. */
export function chatToken(call: Pick<OutboundCall, 'chat' | 'source'>): string {
  if (call.chat === null) return `s=${safe(call.source.key)}`;
  return /^-?\d{1,20}$/.test(call.chat) ? call.chat : `n=${safe(call.chat)}`;
}

const safe = (text: string): string => (/^[A-Za-z0-9_-]{1,64}$/.test(text) ? text : `=${Buffer.from(text).toString('hex').slice(0, 128)}`);

const laneAndKey = (call: Pick<OutboundCall, 'lane' | 'source'>): string => `${call.lane}:${call.source.key}`;

/** True when a call of this lane and source, or a later one, is settled already. */
export function isSettled(record: SentRecord, call: Pick<OutboundCall, 'lane' | 'source'>): boolean {
  const last = record.last[laneAndKey(call)];
  if (!last) return false;
  const { seq, n } = call.source;
  return seq < last[0] || (seq === last[0] && n <= last[1]);
}

/** The record after a call was settled; `messageId` is remembered under the call's ref. A freeze that is over is dropped. */
export function settle(record: SentRecord, call: OutboundCall, messageId: number | undefined, nowEpochMs: number): SentRecord {
  // Which sources are settled longest ago their sequences do not tell: updates, campaigns and replays each count for themselves.
  const last = withNewest<[seq: number, n: number]>(record.last, laneAndKey(call), [call.source.seq, call.source.n], SOURCES_MAX);
  const refs = call.ref === undefined || messageId === undefined ? record.refs : withNewest(record.refs, call.ref, messageId, REFS_MAX);
  const { frozenUntilMs = 0 } = record;
  return { v: 1, last, refs, ...(frozenUntilMs > nowEpochMs ? { frozenUntilMs } : {}) };
}

/** With this entry behind all others, of which the first go when there are too many. JSON keeps the order of keys. */
function withNewest<T>(entries: { [key: string]: T }, key: string, value: T, max: number): { [key: string]: T } {
  const others = Object.entries(entries).filter(([other]) => other !== key);
  return Object.fromEntries([...others.slice(Math.max(0, others.length + 1 - max)), [key, value]]);
}

const QUERY_ANSWERS: ReadonlySet<string> = new Set(['answerPreCheckoutQuery', 'answerShippingQuery', 'answerInlineQuery']);

/**
 * False for answers to queries: Telegram itself takes one answer per query, so that a second is harmless, and each has a source of its
 * own, so that a record of it would be of no use to any later call.
 */
export const isRecorded = (call: Pick<OutboundCall, 'chat' | 'method'>): boolean => call.chat !== null || !QUERY_ANSWERS.has(call.method);

const USES_REF = /^(edit|delete|pin|unpin|stop)/;

/** The parameters to send: a call that changes a message named by ref gets its id. Undefined: the message is not known. */
export function paramsOf(record: SentRecord, call: OutboundCall): OutboundCall['params'] | undefined {
  if (call.ref === undefined || !USES_REF.test(call.method) || call.params['message_id'] !== undefined) return call.params;
  const messageId = record.refs[call.ref];
  return messageId === undefined ? undefined : { ...call.params, message_id: messageId };
}
