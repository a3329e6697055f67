import type { MessageEntity } from '@grammyjs/types';
import { badRequest } from '../../domain/api-error.ts';
import type { Formatted } from '../../domain/format-html.ts';
import { formatText } from '../../domain/format-text.ts';
import { parseReplyMarkup } from '../../domain/reply-markup.ts';
import type { ReplyMarkup, SimMessage } from '../../domain/types.ts';
import { CAPTION_LENGTH_MAX, TEXT_LENGTH_MAX } from '../../limits.ts';
import { postMessage } from '../post-message.ts';
import type { Call } from './params.ts';
import { flag, integer, isObject, json, text } from './params.ts';
import { requireRight } from './rights.ts';
import { checkThread } from './threads.ts';
import { targetChat } from './targets.ts';

/** The text of a call, parsed; Telegram's 400 when it is empty, too long or badly marked. */
export function readText(call: Call, source = text(call, 'text')): Formatted {
  if (source.trim() === '') throw badRequest('message text is empty');
  const formatted = formatText(source, text(call, 'parse_mode'), entitiesOf(call, 'entities'));
  if (formatted.text === '') throw badRequest('message text is empty');
  if (formatted.text.length > TEXT_LENGTH_MAX) throw badRequest('message is too long');
  return formatted;
}

/** The caption of a call as message fields; none when it is empty. */
export function readCaption(call: Call): Pick<SimMessage, 'caption' | 'caption_entities'> {
  const formatted = formatText(text(call, 'caption'), text(call, 'parse_mode'), entitiesOf(call, 'caption_entities'));
  if (formatted.text.length > CAPTION_LENGTH_MAX) throw badRequest('message caption is too long');
  if (formatted.text === '') return {};
  return { caption: formatted.text, ...(formatted.entities.length > 0 && { caption_entities: formatted.entities }) };
}

/** Entities that a bot gives itself instead of a parse mode. */
export function entitiesOf(call: Call, name: string): MessageEntity[] {
  const list = json(call, name);
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw badRequest("can't parse entities: expected an Array of MessageEntity");
  return list.map((entity: unknown) => {
    if (!isObject(entity) || typeof entity['type'] !== 'string' || !Number.isInteger(entity['offset']) || !Number.isInteger(entity['length'])) {
      throw badRequest("can't parse entities: can't parse MessageEntity");
    }
    return entity as unknown as MessageEntity;
  });
}

/** The keyboard of an edit: only inline ones stay with a message. */
export function readInlineMarkup(call: Call): ReplyMarkup | undefined {
  const markup = parseReplyMarkup(call.params['reply_markup']);
  if (markup && !markup.inline_keyboard) throw badRequest("message can't be edited");
  return markup?.inline_keyboard?.length === 0 ? undefined : markup;
}

/** Sends a message of the bot: the fields every sending method shares, and its content. */
export function sendContent(call: Call, content: (chatId: number) => Partial<SimMessage>, { withMarkup = true }: { withMarkup?: boolean } = {}): SimMessage {
  const { account, nowMs } = call;
  const state = targetChat(call);
  if (state.chat.type === 'channel') requireRight(state, 'can_post_messages', 'need administrator rights in the channel chat');
  const markup = withMarkup ? parseReplyMarkup(call.params['reply_markup']) : undefined;
  const replied = repliedMessage(call, state.chat.id);
  const thread = integer(call, 'message_thread_id');
  checkThread(call, state, thread);
  const effect = text(call, 'message_effect_id');
  const business = text(call, 'business_connection_id');
  const parts = content(state.chat.id);
  const message: SimMessage = {
    message_id: account.takeMessageId(),
    from: account.self,
    ...(state.chat.type === 'channel' && { sender_chat: state.chat }),
    chat: state.chat,
    date: Math.floor(nowMs / 1000),
    ...(thread !== null && { message_thread_id: thread, is_topic_message: true }),
    ...(business !== '' && { business_connection_id: business }),
    ...(replied && { reply_to_message: replied, ...quoteOf(call) }),
    ...parts,
    ...(effect !== '' && { effect_id: effect }),
    ...(flag(call, 'protect_content') && { has_protected_content: true }),
    ...(markup && { reply_markup: markup }),
  };
  postMessage(account, message, nowMs);
  return asAnswer(message);
}

function repliedMessage(call: Call, chatId: number): SimMessage | undefined {
  const given = json(call, 'reply_parameters');
  const parameters = isObject(given) ? given : {};
  const id = integer({ ...call, params: parameters }, 'message_id') ?? integer(call, 'reply_to_message_id');
  if (id === null) return undefined;
  const message = call.account.message(chatId, id);
  if (message) {
    const { reply_to_message: _, ...flat } = message;
    return asAnswer(flat);
  }
  const lenient = parameters['allow_sending_without_reply'] === true || flag(call, 'allow_sending_without_reply');
  if (!lenient) throw badRequest('message to be replied not found');
  return undefined;
}

/** What a reply quotes of the message it answers. */
function quoteOf(call: Call): { quote?: Record<string, unknown> } {
  const parameters = json(call, 'reply_parameters');
  if (!isObject(parameters) || typeof parameters['quote'] !== 'string' || parameters['quote'] === '') return {};
  const one = { ...call, params: parameters };
  const { text: quoted, entities } = formatText(parameters['quote'], text(one, 'quote_parse_mode'), entitiesOf(one, 'quote_entities'));
  return { quote: { text: quoted, ...(entities.length > 0 && { entities }), position: integer(one, 'quote_position') ?? 0, is_manual: true } };
}

/** A message as the Bot API shows it: only inline keyboards are part of it. */
export function asAnswer(message: SimMessage): SimMessage {
  if (!message.reply_markup || message.reply_markup.inline_keyboard) return message;
  const { reply_markup: _, ...shown } = message;
  return shown;
}
