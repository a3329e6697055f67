import { badRequest } from '../../domain/api-error.ts';
import { permissionsFrom } from '../../domain/chat-member.ts';
import type { ChatState, SimMessage } from '../../domain/types.ts';
import { CHAT_DESCRIPTION_LENGTH_MAX, CHAT_TITLE_LENGTH_MAX, PINNED_PER_CHAT_MAX } from '../../limits.ts';
import { emitEvent } from '../post-message.ts';
import { asAnswer } from './compose.ts';
import { keepUpload } from './files.ts';
import type { Call, Method } from './params.ts';
import { integer, isObject, json, text } from './params.ts';
import { changeChat, changeFull, groupOf, hasRight, requireRight } from './rights.ts';
import { postService } from './service-message.ts';
import { knownChat, targetChat } from './targets.ts';

export const getChat: Method = (call) => {
  const { chat, full = {}, pinned = [] } = knownChat(call);
  const { banned_sender_chats: _, ...shown } = full;
  const message = pinned[0] === undefined ? undefined : call.account.message(chat.id, pinned[0]);
  return {
    result: {
      ...chat, accent_color_id: 0, max_reaction_count: 11,
      accepted_gift_types: { unlimited_gifts: false, limited_gifts: false, unique_gifts: false, premium_subscription: false, gifts_from_channels: false },
      ...shown, ...(message && { pinned_message: asAnswer(message) }),
    },
  };
};

export const setChatTitle: Method = (call) => {
  const state = groupOf(call, "can't change private chat title");
  requireRight(state, 'can_change_info', 'not enough rights to change chat title');
  const title = text(call, 'title').trim();
  if (title === '') throw badRequest('CHAT_TITLE_EMPTY');
  if (title.length > CHAT_TITLE_LENGTH_MAX) throw badRequest('chat title is too long');
  if (title === state.chat.title) throw badRequest('chat title is not modified');
  const after = changeChat(call, state, { chat: { ...state.chat, title } });
  postService(call, after, { new_chat_title: title });
  return { result: true };
};

export const setChatDescription: Method = (call) => {
  const state = groupOf(call, "can't change private chat description");
  requireRight(state, 'can_change_info', 'not enough rights to set chat description');
  const description = text(call, 'description').trim();
  if (description.length > CHAT_DESCRIPTION_LENGTH_MAX) throw badRequest('chat description is too long');
  if (description === (state.full?.['description'] ?? '')) throw badRequest('chat description is not modified');
  changeFull(call, state, { description: description === '' ? undefined : description });
  return { result: true };
};

export const setChatPhoto: Method = (call) => {
  const state = groupOf(call, "can't change private chat photo");
  requireRight(state, 'can_change_info', 'not enough rights to change chat photo');
  const media = keepUpload(call, 'photo', 'photo');
  if (!media) throw badRequest('there is no photo in the request');
  const [size] = media.fields['photo'] as { file_id: string; file_unique_id: string }[];
  const { file_id = '', file_unique_id = '' } = size ?? {};
  const photo = { small_file_id: file_id, small_file_unique_id: file_unique_id, big_file_id: file_id, big_file_unique_id: file_unique_id };
  const after = changeFull(call, state, { photo });
  postService(call, after, { new_chat_photo: media.fields['photo'] });
  return { result: true };
};

export const deleteChatPhoto: Method = (call) => {
  const state = groupOf(call, "can't change private chat photo");
  requireRight(state, 'can_change_info', 'not enough rights to change chat photo');
  if (state.full?.['photo'] === undefined) throw badRequest('CHAT_NOT_MODIFIED');
  postService(call, changeFull(call, state, { photo: undefined }), { delete_chat_photo: true });
  return { result: true };
};

export const setChatPermissions: Method = (call) => {
  const state = groupOf(call, "can't change private chat permissions");
  if (state.chat.type === 'channel') throw badRequest('method is available only for groups and supergroups');
  requireRight(state, 'can_restrict_members', 'not enough rights to change chat permissions');
  const given = json(call, 'permissions');
  changeFull(call, state, { permissions: permissionsFrom(isObject(given) ? given : {}) });
  return { result: true };
};

export const setChatStickerSet: Method = (call) => stickerSet(call, text(call, 'sticker_set_name'));
export const deleteChatStickerSet: Method = (call) => stickerSet(call, undefined);

function stickerSet(call: Call, name: string | undefined): { result: true } {
  const state = groupOf(call, 'method is available only for supergroups');
  if (state.chat.type !== 'supergroup') throw badRequest('method is available only for supergroups');
  requireRight(state, 'can_change_info', 'not enough rights to change chat sticker set');
  if (name !== undefined && !call.account.kept('sticker_set', name.toLowerCase())) throw badRequest('STICKERSET_INVALID');
  changeFull(call, state, { sticker_set_name: name });
  return { result: true };
}

const PIN_RIGHT = 'not enough rights to manage pinned messages in the chat';

export const pinChatMessage: Method = (call) => {
  const state = targetChat(call);
  checkPinRight(state);
  const message = messageOf(call, state, 'message to pin not found');
  const pinned = [message.message_id, ...(state.pinned ?? []).filter((id) => id !== message.message_id)].slice(0, PINNED_PER_CHAT_MAX);
  const after = changeChat(call, state, { pinned });
  emitEvent(call.account, state.chat.id, { kind: 'pin', message_id: message.message_id, pinned }, call.nowMs);
  const { reply_to_message: _, ...flat } = asAnswer(message);
  postService(call, after, { pinned_message: flat });
  return { result: true };
};

export const unpinChatMessage: Method = (call) => {
  const state = targetChat(call);
  checkPinRight(state);
  const pinned = state.pinned ?? [];
  const id = integer(call, 'message_id') ?? pinned[0];
  if (id === undefined || !pinned.includes(id)) throw badRequest('message to unpin not found');
  setPinned(call, state, pinned.filter((one) => one !== id), id);
  return { result: true };
};

export const unpinAllChatMessages: Method = (call) => {
  const state = targetChat(call);
  checkPinRight(state);
  if ((state.pinned ?? []).length > 0) setPinned(call, state, [], null);
  return { result: true };
};

/** Takes off the pins of one topic; thread 1 is the general topic, whose messages name none. */
export function unpinThread(call: Call, state: ChatState, thread: number): { result: true } {
  checkPinRight(state);
  const isOfThread = (id: number): boolean => (call.account.message(state.chat.id, id)?.message_thread_id ?? 1) === thread;
  setPinned(call, state, (state.pinned ?? []).filter((id) => !isOfThread(id)), null);
  return { result: true };
}

function setPinned(call: Call, state: ChatState, pinned: number[], messageId: number | null): void {
  changeChat(call, state, { pinned });
  emitEvent(call.account, state.chat.id, { kind: 'pin', message_id: messageId, pinned }, call.nowMs);
}

function checkPinRight(state: ChatState): void {
  if (state.chat.type === 'private' || hasRight(state, state.chat.type === 'channel' ? 'can_edit_messages' : 'can_pin_messages')) return;
  throw badRequest(PIN_RIGHT);
}

function messageOf(call: Call, state: ChatState, words: string): SimMessage {
  const id = integer(call, 'message_id');
  const message = id === null ? undefined : call.account.message(state.chat.id, id);
  if (!message) throw badRequest(words);
  return message;
}
