import type { Json } from '@botplane/domain';
import type { MessageProgram, OptionProgram, Value } from '../program/program.ts';
import type { BuiltinText } from './builtin-texts.ts';
import { builtinText } from './builtin-texts.ts';
import { StepFailure } from './failure.ts';
import type { JsonObject } from './json.ts';
import { plainText, renderString, renderText, renderValue } from './render.ts';
import type { RenderScope } from './render.ts';
import { chatKey } from './session.ts';
import type { Session } from './session.ts';

const NUMBERS = ['latitude', 'longitude', 'horizontal_accuracy', 'live_period', 'heading', 'proximity_alert_radius'];

/** Reads `count` of a message. */
export function scopeOf(msg: MessageProgram, session: Session): RenderScope {
  if (!msg.count) return {};
  const count = renderValue(msg.count, session);
  if (typeof count !== 'number') throw new StepFailure('type_mismatch');
  return { count };
}

/** Sends the message of a step; parameters of the step itself (keyboards) come on top. Empty text is not sent. */
export function sendMessage(msg: MessageProgram, session: Session, more: JsonObject = {}): void {
  const scope = scopeOf(msg, session);
  const params: JsonObject = {};
  for (const [key, value] of Object.entries(msg.params)) {
    const rendered = renderValue(value, session, scope);
    if (rendered !== null) params[key] = NUMBERS.includes(key) && typeof rendered === 'string' ? Number(rendered) : rendered;
  }
  if (msg.body && !checkLength(msg.body, params, session)) return;
  const elsewhere = msg.chatId ? chatIdOf(renderValue(msg.chatId, session)) : undefined;
  const chatId = elsewhere ?? session.peer?.chat['id'];
  if (chatId === undefined) throw new StepFailure('no_chat');
  const thread = elsewhere === undefined && session.peer?.threadId !== undefined ? { message_thread_id: session.peer.threadId } : {};
  session.call({ method: msg.method, params: { chat_id: chatId, ...thread, ...params, ...more }, chat: plainText(chatId, session), lane: 'reply' });
}

function chatIdOf(rendered: Json): Json {
  if ((typeof rendered === 'number' && Number.isSafeInteger(rendered)) || (typeof rendered === 'string' && /^(@[A-Za-z0-9_]{4,32}|-?\d{1,16})$/.test(rendered))) return rendered;
  throw new StepFailure('bad_chat_id');
}

/** False when there is nothing to send. */
function checkLength(body: { field: string; max: number }, params: JsonObject, session: Session): boolean {
  const text = plainText(params[body.field], session);
  if (body.field === 'text' && text.trim() === '') {
    session.emit('empty_text');
    return false;
  }
  if (visibleLength(text, params['parse_mode']) > body.max) throw new StepFailure('text_too_long');
  return true;
}

/** Telegram counts after entities are parsed; near enough for each mode, never more than it counts. */
function visibleLength(text: string, mode: Json | undefined): number {
  if (mode === 'HTML') return text.replace(/<[^<>]*>/g, '').replace(/&(#\d+|#x[0-9a-fA-F]+|lt|gt|amp|quot);/g, '_').length;
  if (mode === 'MarkdownV2') return text.replace(/\\(.)/gs, '$1').length;
  return text.length;
}

/** A text beside the messages of steps, to the chat of the update; `params` are fields of sendMessage. */
export function sendText(text: string, session: Session, params: JsonObject = {}): void {
  const chatId = session.peer?.chat['id'];
  if (chatId === undefined || text.trim() === '') return;
  const thread = session.peer?.threadId === undefined ? {} : { message_thread_id: session.peer.threadId };
  session.call({ method: 'sendMessage', params: { chat_id: chatId, ...thread, ...params, text: text.slice(0, 4_096) }, chat: plainText(chatId, session), lane: 'reply' });
}

/** A `reask` or `message` of the author, sent with meta.messageDefaults; without one, ours. */
export function sendSideText(text: Value | undefined, ours: BuiltinText, session: Session, scope: RenderScope = {}): void {
  if (text === undefined) sendText(ownText(ours, session), session);
  else sendText(renderString(text, session, scope), session, session.program.meta.textDefaults);
}

/** A text of ours, unless the author replaced it. */
export function ownText(name: BuiltinText, session: Session): string {
  const own = session.program.ownTexts[name === 'error' ? 'errorText' : name === 'stale' ? 'staleText' : 'reaskText'];
  return own ? renderText(own, 'none', session) : builtinText(name, session.locale);
}

/** Keyboard of a choice. */
export function choiceMarkup(options: RenderedOption[], columns: number, keyboard: 'inline' | 'reply', hash: string): JsonObject {
  const buttons: JsonObject[] = options.map(({ key, label }) => (keyboard === 'inline' ? { text: label, callback_data: `c:${hash}:${key}` } : { text: label }));
  const rows: JsonObject[][] = [];
  for (let at = 0; at < buttons.length; at += columns) rows.push(buttons.slice(at, at + columns));
  return keyboard === 'inline' ? { inline_keyboard: rows } : { keyboard: rows, resize_keyboard: true, one_time_keyboard: true };
}

export interface RenderedOption {
  key: string;
  label: string;
  /** Compared with what is typed, folded. */
  typed: string[];
  program: OptionProgram;
}

/** Answers the press of this update, unless that was done early. */
export function answerPress(session: Session, queryId: string, answer: { text?: string; alert?: boolean } = {}): void {
  if (!session.env.answerPress) return;
  const text = answer.text === undefined || answer.text === '' ? {} : { text: answer.text.slice(0, 200), ...(answer.alert ? { show_alert: true } : {}) };
  session.call({ method: 'answerCallbackQuery', params: { callback_query_id: queryId, ...text }, chat: chatKey(session.peer), lane: 'reply' });
}
