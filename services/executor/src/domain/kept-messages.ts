import type { GuestEffect, GuestMessages, KeptMessage, MessageKeep, RevisionPassport } from '@botplane/contracts';
import { LIMITS } from '../limits.ts';
import type { IncomingUpdate } from './incoming-update.ts';
import { cleanText, hideText, personalRules } from './personal-text.ts';

/** How the messages of one update are kept, and the keyed hash for personal values. */
export interface Keeping {
  messages: GuestMessages;
  hash: (value: string) => string;
}

interface Party { id?: unknown; is_bot?: unknown }
interface Message { [field: string]: unknown; message_id?: unknown; date?: unknown; chat?: Party; from?: Party; is_topic_message?: unknown; message_thread_id?: unknown; text?: unknown; caption?: unknown }

/** What a message can be, in the order in which Telegram's fields decide: an animation has a document too. */
const KINDS = ['text', 'animation', 'audio', 'document', 'paid_media', 'photo', 'sticker', 'story', 'video', 'video_note', 'voice', 'checklist', 'contact', 'dice', 'game', 'poll', 'venue', 'location'];
/** Telegram's dates begin before the first bot; what is older or far ahead is no date. */
const DATE_MS_MIN = Date.parse('2013-01-01T00:00:00Z');

/** The row for the message that an update brought; undefined when it brought none (presses, timers, service messages). */
export function incomingMessage(update: IncomingUpdate, { messages, hash }: Keeping): KeptMessage | undefined {
  const { message, updateId } = messageOf(update);
  const kind = message && KINDS.find((field) => message[field] !== undefined);
  const chat = idOf(message?.chat);
  if (message === undefined || kind === undefined || chat === null || updateId === null) return undefined;
  const text = [message.text, message.caption].find((body) => typeof body === 'string');
  const rules = personalRules(messages, hash);
  const clean = text === undefined ? { content: null, pii: messages.inputIsPersonal } : messages.inputIsPersonal ? hideText(text, rules) : cleanText(text, rules);
  return {
    v: 1, botId: update.botId, direction: 'in', chat: String(chat), threadId: threadOf(message), userId: idOf(message.from), id: `u${updateId}`,
    messageId: numberOf(message.message_id), updateId, kind, content: bounded(clean.content), pii: clean.pii, sentMs: dateMs(message, update.acceptedMs), retentionMs: messages.retentionMs,
  };
}

/** What delivery needs to keep the message that a call sends; undefined for calls that send none. */
export function keepOf(update: IncomingUpdate, effect: Pick<GuestEffect, 'method' | 'params' | 'chat'>, { messages, hash }: Keeping): MessageKeep | undefined {
  if (effect.chat === null || !sendsMessage(effect.method)) return undefined;
  const text = [effect.params['text'], effect.params['caption']].find((body) => typeof body === 'string');
  const clean = text === undefined ? undefined : cleanText(text, personalRules(messages, hash));
  return { retentionMs: messages.retentionMs, userId: writerOf(update), updateId: messageOf(update).updateId, ...(clean?.pii ? { content: bounded(clean.content) } : {}) };
}

/** How the messages of an update are kept that was given up: what the guest would have said of it is not known. */
export function keepingOf(passport: Pick<RevisionPassport, 'messages'>): GuestMessages | undefined {
  if (passport.messages === undefined) return undefined;
  const { retentionMs, piiPolicy, hasPersonalState } = passport.messages;
  return { retentionMs, piiPolicy, inputIsPersonal: hasPersonalState, personal: hasPersonalState ? null : [] };
}

const sendsMessage = (method: string): boolean => /^(send|forward|copy)/.test(method) && method !== 'sendChatAction' && method !== 'sendMessageDraft';

/** The body's own update_id: a replayed dead letter carries another one in its headers, and is the same message. */
function messageOf(update: IncomingUpdate): { message: Message | undefined; updateId: number | null } {
  if (update.event.kind !== 'update') return { message: undefined, updateId: null };
  const body = update.event.update as { update_id?: unknown; message?: Message };
  return { message: update.kind === 'message' && typeof body.message === 'object' ? body.message : undefined, updateId: numberOf(body.update_id) };
}

/** Who wrote or pressed. */
function writerOf(update: IncomingUpdate): number | null {
  if (update.event.kind !== 'update') return userOfKey(update.stateKey);
  const body = (update.event.update as { [kind: string]: unknown })[update.kind] as { from?: Party } | undefined;
  return idOf(body?.from);
}

/** A timer's update has nobody in it; the state key names the person where states are kept by person. */
function userOfKey(stateKey: string): number | null {
  const user = /(?:^|_)u(\d+)$/.exec(stateKey)?.[1];
  return user === undefined ? null : Number(user);
}

function threadOf(message: Message): number | null {
  return message.is_topic_message === true ? numberOf(message.message_thread_id) : null;
}

/** Telegram's date is the same in every copy of an update, unlike the time of its arrival. */
function dateMs(message: Message, acceptedMs: number): number {
  const ms = (numberOf(message.date) ?? 0) * 1_000;
  return ms >= DATE_MS_MIN && ms < acceptedMs + LIMITS.keptDateAheadMsMax ? ms : acceptedMs;
}

const idOf = (party: Party | undefined): number | null => numberOf(party?.id);
const numberOf = (value: unknown): number | null => (typeof value === 'number' && Number.isSafeInteger(value) ? value : null);
const bounded = (content: string | null): string | null => (content === null ? null : content.slice(0, LIMITS.keptContentCharsMax));
