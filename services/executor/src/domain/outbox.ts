import type { DlqEntry, GuestEffect, GuestTelemetry, OutboundCall, OutboxEntry, RevisionPassport } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import { LIMITS } from '../limits.ts';
import { BadGuestOutput } from './guest-output.ts';
import type { IncomingUpdate } from './incoming-update.ts';
import { incomingMessage, keepOf, keepingOf } from './kept-messages.ts';
import type { Keeping } from './kept-messages.ts';

/** Name of telemetry events on `events.`. */
export const STEP_EVENT = 'bot.step.reported.v1';

/**
 * The outbox of a handled update: its calls in order, the message that came when the bot keeps messages, then as many telemetry events
 * as fit. Throws BadGuestOutput when the calls alone are too much.
 */
export function makeOutbox(update: IncomingUpdate, revision: string, output: { effects: readonly GuestEffect[]; events: readonly GuestTelemetry[] }, keeping?: Keeping): OutboxEntry[] {
  const { effects, events } = output;
  const outbox: OutboxEntry[] = effects.map((effect) => callEntry(update, revision, effect, keeping));
  let bytes = Buffer.byteLength(JSON.stringify(outbox));
  if (bytes > LIMITS.outboxBytesMax) throw new BadGuestOutput(`calls are larger than ${LIMITS.outboxBytesMax} bytes`);
  outbox.push(...keptIncoming(update, keeping));
  for (const event of events) {
    const entry: OutboxEntry = { kind: 'event', name: STEP_EVENT, data: { botId: update.botId, revision, acceptedMs: update.acceptedMs, kind: update.kind, ...event } as unknown as Json };
    bytes += Buffer.byteLength(JSON.stringify(entry));
    // Telemetry is the only part that may be left out.
    if (outbox.length >= LIMITS.outboxEntriesMax || bytes > LIMITS.outboxBytesMax) break;
    outbox.push(entry);
  }
  return outbox;
}

/** Name of the events that tell of superseded messages on `events.`. */
export const SUPERSEDED_EVENT = 'bot.update.superseded.v1';

/** The outbox of a message whose place a newer one takes: it came in, and that is all. */
export function makeSupersededOutbox(update: IncomingUpdate, revision: string, rival: Pick<IncomingUpdate, 'updateId'>, keeping?: Keeping): OutboxEntry[] {
  const data = { botId: update.botId, revision, acceptedMs: update.acceptedMs, updateId: update.updateId ?? null, supersededBy: rival.updateId ?? null };
  return [...keptIncoming(update, keeping), { kind: 'event', name: SUPERSEDED_EVENT, data }];
}

/** The outbox of an update that is given up: the dead letter, and a word to the person. */
export function makeDeadLetterOutbox(update: IncomingUpdate, letter: DlqEntry, apology: { revision: string; passport: RevisionPassport; answerPress: boolean } | undefined, hash: Keeping['hash']): OutboxEntry[] {
  const outbox: OutboxEntry[] = [{ kind: 'dlq', entry: letter }];
  if (apology === undefined) return outbox;
  const messages = keepingOf(apology.passport);
  const keeping = messages === undefined ? undefined : { messages, hash };
  outbox.push(...keptIncoming(update, keeping));
  const press = pressIdOf(update);
  const chat = chatOf(update);
  if (press !== undefined && apology.answerPress) outbox.push(callEntry(update, apology.revision, emptyAnswer(press, chat)));
  if (chat === undefined || update.event.kind === 'timer') return outbox;
  const text = errorTextFor(apology.passport, languageOf(update));
  const topic = topicOf(update);
  const params = { chat_id: chat, text, ...(topic === undefined ? {} : { message_thread_id: topic }) };
  // The author's own words: nothing in them is personal.
  outbox.push(callEntry(update, apology.revision, { method: 'sendMessage', params, chat: String(chat), lane: 'reply' }, keeping && { ...keeping, messages: { ...keeping.messages, personal: [] } }));
  return outbox;
}

/** The dead letter of an update. */
export function makeDeadLetter(update: IncomingUpdate, failure: { reason: string; message: string; attempts: number }, nowMs: number): DlqEntry {
  return {
    v: 1, botId: update.botId, subjectId: update.updateId === undefined ? `t:${update.seq}` : String(update.updateId),
    reason: failure.reason, message: failure.message.slice(0, 2_048), attempts: failure.attempts, failedMs: nowMs,
    payload: update.event.kind === 'update' ? update.event.update : ({ timer: { key: update.event.key, nonce: update.event.nonce } }),
    keys: { orderKey: update.orderKey, stateKey: update.stateKey, kind: update.kind },
  };
}

/** The body that delivery gets for the n-th entry of an outbox. */
export function outboundCall(update: IncomingUpdate, seq: number, n: number, call: Omit<OutboundCall, 'v' | 'botId' | 'source'>): OutboundCall {
  return { v: 1, botId: update.botId, source: { key: update.stateKey, seq, n }, ...call };
}

/**
 * The empty answer to a press whose turn has not come yet. Its source key is its own: it overtakes effects of earlier updates, and
 * delivery would take those for old ones if they shared a key.
 */
export function earlyAnswer(update: IncomingUpdate, revision: string): OutboundCall | undefined {
  const press = pressIdOf(update);
  if (press === undefined) return undefined;
  const effect = emptyAnswer(press, chatOf(update));
  return { v: 1, botId: update.botId, source: { key: `${update.stateKey}!press`, seq: update.seq, n: 0 }, ...toCall(update, revision, effect) };
}

function emptyAnswer(press: string, chat: number | undefined): GuestEffect {
  return { method: 'answerCallbackQuery', params: { callback_query_id: press }, chat: chat === undefined ? null : String(chat), lane: 'reply' };
}

function callEntry(update: IncomingUpdate, revision: string, effect: GuestEffect, keeping?: Keeping): OutboxEntry {
  return { kind: 'call', call: toCall(update, revision, effect, keeping) };
}

function toCall(update: IncomingUpdate, revision: string, effect: GuestEffect, keeping?: Keeping): Omit<OutboundCall, 'v' | 'botId' | 'source'> {
  const { lane, chat, method, params, ref } = effect;
  const keep = keeping && keepOf(update, effect, keeping);
  return { lane, chat, method, params, revision, acceptedMs: update.acceptedMs, ...(ref === undefined ? {} : { ref }), ...(keep === undefined ? {} : { keep }) };
}

function keptIncoming(update: IncomingUpdate, keeping: Keeping | undefined): OutboxEntry[] {
  const message = keeping && incomingMessage(update, keeping);
  return message === undefined ? [] : [{ kind: 'message', message }];
}

interface Party { id?: unknown; language_code?: unknown }
interface Body { id?: unknown; chat?: Party; from?: Party; message?: Body; is_topic_message?: unknown; message_thread_id?: unknown }

function bodyOf(update: IncomingUpdate): Body | undefined {
  if (update.event.kind !== 'update') return undefined;
  return (update.event.update as { [kind: string]: unknown })[update.kind] as Body | undefined;
}

/** Id of a pressed button's callback query. */
export function pressIdOf(update: IncomingUpdate): string | undefined {
  const id = update.kind === 'callback_query' ? bodyOf(update)?.id : undefined;
  return typeof id === 'string' ? id : undefined;
}

function chatOf(update: IncomingUpdate): number | undefined {
  const body = bodyOf(update);
  const id = body?.chat?.id ?? body?.message?.chat?.id;
  return typeof id === 'number' ? id : undefined;
}

function topicOf(update: IncomingUpdate): number | undefined {
  const body = bodyOf(update);
  const message = body?.message ?? body;
  return message?.is_topic_message === true && typeof message.message_thread_id === 'number' ? message.message_thread_id : undefined;
}

function languageOf(update: IncomingUpdate): string {
  const language = bodyOf(update)?.from?.language_code;
  return typeof language === 'string' ? language : '';
}

/** The text in the person's language: exactly, by its language part, else the default's. */
export function errorTextFor(passport: Pick<RevisionPassport, 'errorText'>, language: string): string {
  const { byLocale, defaultLocale } = passport.errorText;
  return byLocale[language] ?? byLocale[language.split('-')[0] ?? ''] ?? byLocale[defaultLocale] ?? '';
}
