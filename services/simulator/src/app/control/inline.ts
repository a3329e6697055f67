import type { User } from '@grammyjs/types';
import { ControlError } from '../../domain/control-error.ts';
import { formatText } from '../../domain/format-text.ts';
import { MEDIA_KINDS, makeMedia } from '../../domain/media.ts';
import { parseReplyMarkup } from '../../domain/reply-markup.ts';
import type { SimMessage } from '../../domain/types.ts';
import type { BotAccount } from '../bot-account.ts';
import { stringOf } from '../methods/params.ts';
import { postMessage } from '../post-message.ts';
import { postUpdate } from '../post-update.ts';
import { poll } from '../signal.ts';
import type { ChatRef, Person } from './people.ts';
import { chatOf, rememberUser } from './people.ts';

type Fields = Record<string, unknown>;

/** A person types the bot's name and a query into any chat. */
export interface InlineQuery {
  from: Person;
  query: string;
  offset?: string | undefined;
  chat_type?: string | undefined;
  /** Seconds to wait for the bot's results. */
  wait?: number | undefined;
}

export interface Asked {
  update_id: number | null;
  inline_query_id: string;
  /** What answerInlineQuery gave; null when there was none in time. */
  answer: Fields | null;
}

/** Asks in inline mode as a person; with `wait` it waits for answerInlineQuery. */
export async function askInline(account: BotAccount, input: InlineQuery, nowMs: number, abort: AbortSignal): Promise<Asked> {
  const user = rememberUser(account, input.from);
  const id = String(BigInt(user.id) * 4_294_967_296n + BigInt(Math.floor(Math.random() * 4_294_967_296)));
  const body = { id, from: user, query: input.query, offset: input.offset ?? '', chat_type: input.chat_type ?? 'sender' };
  const update_id = postUpdate(account, 'inline_query', body, nowMs);
  const waitMs = update_id === null ? 0 : (input.wait ?? 0) * 1_000;
  const answer = await poll(account.signals, id, waitMs, abort, () => account.openQueries.get(id)?.answer ?? null);
  return { update_id, inline_query_id: id, answer };
}

/** A person puts one of the results into a chat. */
export interface InlineChoice {
  from: Person;
  inline_query_id: string;
  result_id: string;
  /** Default: the person's private chat with the bot. */
  chat?: ChatRef | undefined;
}

export interface Chosen {
  update_id: number | null;
  message_id: number;
  /** With this id the bot may edit the message; only messages with an inline keyboard have one. */
  inline_message_id: string | null;
  message: SimMessage;
}

/** Chooses a result as a person: its message appears in the chat, and the bot hears which one it was. */
export function chooseInline(account: BotAccount, input: InlineChoice, nowMs: number): Chosen {
  const query = account.openQueries.get(input.inline_query_id);
  const results = query?.kind === 'inline_query' ? query.answer?.['results'] : undefined;
  if (!query || !Array.isArray(results)) throw new ControlError(404, `inline_query_id: ${input.inline_query_id} has no results (any more); ask with POST /_sim/inline first`);
  const result = (results as Fields[]).find((one) => one['id'] === input.result_id);
  if (!result) throw new ControlError(404, `result_id: there is no such result; there are: ${(results as Fields[]).map((one) => String(one['id'])).join(', ')}`);
  const user = rememberUser(account, input.from);
  const message = postResult(account, user, input.chat, result, nowMs);
  const inlineId = message.reply_markup?.inline_keyboard ? `SIMinline_${crypto.randomUUID().replaceAll('-', '')}` : null;
  if (inlineId !== null) account.keep('inline_message', inlineId, { chatId: message.chat.id, messageId: message.message_id });
  const body = { result_id: input.result_id, from: user, query: query.query, ...(inlineId !== null && { inline_message_id: inlineId }) };
  return { update_id: postUpdate(account, 'chosen_inline_result', body, nowMs), message_id: message.message_id, inline_message_id: inlineId, message };
}

function postResult(account: BotAccount, user: User, chat: ChatRef | undefined, result: Fields, nowMs: number): SimMessage {
  const markup = parseReplyMarkup(result['reply_markup']);
  const message: SimMessage = {
    message_id: account.takeMessageId(), from: user, chat: chatOf(account, user, chat).chat, date: Math.floor(nowMs / 1000), via_bot: account.self,
    ...contentOf(result), ...(markup && { reply_markup: markup }),
  };
  postMessage(account, message, nowMs);
  return message;
}

/** What a result looks like as a message: the content it names, or its file with a caption. */
function contentOf(result: Fields): Fields {
  const content = result['input_message_content'] as Fields | undefined;
  if (content) return contentFields(content);
  const type = String(result['type']);
  if (type === 'location' || type === 'venue' || type === 'contact') return contentFields(result);
  const kind = MEDIA_KINDS.find((one) => one === type) ?? (type === 'gif' || type === 'mpeg4_gif' ? 'animation' : 'document');
  const fileId = result[`${type}_file_id`];
  const { fields } = makeMedia(kind, typeof fileId === 'string' ? { fileId } : {});
  return { ...fields, ...textFields(result, 'caption') };
}

function contentFields(content: Fields): Fields {
  const { latitude, longitude, title, address, phone_number, first_name, last_name, rich_message } = content;
  if (content['message_text'] !== undefined) return textFields({ ...content, text: content['message_text'] }, 'text');
  if (rich_message !== undefined) return { rich_message };
  if (phone_number !== undefined) return { contact: { phone_number, first_name, ...(last_name !== undefined && { last_name }) } };
  const location = { latitude, longitude };
  return title === undefined || address === undefined ? { location } : { venue: { location, title, address }, location };
}

function textFields(fields: Fields, name: 'text' | 'caption'): Fields {
  const source = fields[name];
  if (typeof source !== 'string' || source === '') return {};
  const entityField = name === 'text' ? 'entities' : 'caption_entities';
  const given = fields[entityField];
  const { text, entities } = formatText(source, stringOf(fields['parse_mode']), Array.isArray(given) ? given : []);
  return { [name]: text, ...(entities.length > 0 && { [entityField]: entities }) };
}
