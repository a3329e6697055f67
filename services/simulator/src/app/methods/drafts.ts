import { badRequest } from '../../domain/api-error.ts';
import { formatText } from '../../domain/format-text.ts';
import { richTextOf } from '../../domain/rich-message.ts';
import { TEXT_LENGTH_MAX } from '../../limits.ts';
import { emitEvent } from '../post-message.ts';
import { sendContent, entitiesOf } from './compose.ts';
import type { Call, Method } from './params.ts';
import { integer, isObject, json, text } from './params.ts';
import { targetChat } from './targets.ts';

/** A message while it is written: seen in the chat, kept nowhere. An empty text shows that the bot thinks. */
export const sendMessageDraft: Method = (call) => {
  const formatted = formatText(text(call, 'text'), text(call, 'parse_mode'), entitiesOf(call, 'entities'));
  if (formatted.text.length > TEXT_LENGTH_MAX) throw badRequest('message is too long');
  return draft(call, { text: formatted.text, ...(formatted.entities.length > 0 && { entities: formatted.entities }) });
};

export const sendRichMessageDraft: Method = (call) => draft(call, richContent(call));

export const sendRichMessage: Method = (call) => ({ result: sendContent(call, () => ({ rich_message: richContent(call).rich_message })) });

function draft(call: Call, content: { text: string } & Record<string, unknown>): { result: true } {
  const state = targetChat(call);
  if (state.chat.type !== 'private') throw badRequest('TEXTDRAFT_PEER_INVALID');
  const draftId = integer(call, 'draft_id');
  if (draftId === null || draftId === 0) throw badRequest('invalid draft identifier specified');
  const thread = integer(call, 'message_thread_id');
  emitEvent(call.account, state.chat.id, { kind: 'draft', draft_id: draftId, ...(thread !== null && { message_thread_id: thread }), ...content }, call.nowMs);
  return { result: true };
}

function richContent(call: Call): { text: string; rich_message: Record<string, unknown> } {
  const given = json(call, 'rich_message');
  const rich = isObject(given) ? given : {};
  const ways = ['blocks', 'html', 'markdown'].filter((way) => rich[way] !== undefined);
  if (ways.length !== 1) throw badRequest('exactly one of the fields blocks, html and markdown must be specified');
  const { blocks, words } = richTextOf(rich);
  if (blocks.length === 0) throw badRequest('message text is empty');
  return { text: words, rich_message: { blocks, ...(rich['is_rtl'] === true && { is_rtl: true }) } };
}
