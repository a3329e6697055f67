import { badRequest } from '../../domain/api-error.ts';
import type { ChatState } from '../../domain/types.ts';
import type { KeptTopic } from '../shelves.ts';
import { unpinThread } from './chat-settings.ts';
import type { Call, Method } from './params.ts';
import { integer, text } from './params.ts';
import { groupOf, requireRight } from './rights.ts';
import { postService } from './service-message.ts';
import { GENERAL_THREAD, TOPIC_COLOR_DEFAULT, topicKey } from './threads.ts';

const NAME_LENGTH_MAX = 128;

export const createForumTopic: Method = (call) => {
  const state = forumOf(call, 'not enough rights to create a topic');
  const name = readName(call);
  if (name === undefined) throw badRequest('TOPIC_TITLE_EMPTY');
  const icon = text(call, 'icon_custom_emoji_id');
  const look = { name, icon_color: integer(call, 'icon_color') ?? TOPIC_COLOR_DEFAULT, ...(icon !== '' && { icon_custom_emoji_id: icon }) };
  const { message_id } = postService(call, state, { forum_topic_created: look, is_topic_message: true });
  keep(call, { chatId: state.chat.id, message_thread_id: message_id, ...look, isClosed: false, isHidden: false });
  return { result: { message_thread_id: message_id, ...look } };
};

export const editForumTopic: Method = (call) => {
  const { state, topic } = topicOf(call, 'not enough rights to edit the topic');
  const name = readName(call) ?? topic.name;
  const icon = call.params['icon_custom_emoji_id'] === undefined ? topic.icon_custom_emoji_id : text(call, 'icon_custom_emoji_id') || undefined;
  if (name === topic.name && icon === topic.icon_custom_emoji_id) throw badRequest('TOPIC_NOT_MODIFIED');
  const { icon_custom_emoji_id: _, ...rest } = topic;
  keep(call, { ...rest, name, ...(icon !== undefined && { icon_custom_emoji_id: icon }) });
  tell(call, state, topic, { forum_topic_edited: { name, ...(icon !== undefined && { icon_custom_emoji_id: icon }) } });
  return { result: true };
};

export const closeForumTopic: Method = (call) => setClosed(call, topicOf(call, 'not enough rights to close the topic'), true);
export const reopenForumTopic: Method = (call) => setClosed(call, topicOf(call, 'not enough rights to reopen the topic'), false);
export const closeGeneralForumTopic: Method = (call) => setClosed(call, generalOf(call), true);
export const reopenGeneralForumTopic: Method = (call) => setClosed(call, generalOf(call), false);
export const hideGeneralForumTopic: Method = (call) => setHidden(call, true);
export const unhideGeneralForumTopic: Method = (call) => setHidden(call, false);

export const deleteForumTopic: Method = (call) => {
  const { state, topic } = topicOf(call, 'not enough rights to delete the topic');
  for (const message of call.account.messagesAfter(state.chat.id, 0)) {
    const isOfTopic = message.message_thread_id === topic.message_thread_id || message.message_id === topic.message_thread_id;
    if (isOfTopic) call.account.commit({ t: 'delete', chatId: state.chat.id, messageId: message.message_id });
  }
  call.account.keep('topic', topicKey(state.chat.id, topic.message_thread_id), null);
  return { result: true };
};

export const editGeneralForumTopic: Method = (call) => {
  const { state, topic } = generalOf(call);
  const name = readName(call);
  if (name === undefined) throw badRequest('TOPIC_TITLE_EMPTY');
  if (name === topic.name) throw badRequest('TOPIC_NOT_MODIFIED');
  keep(call, { ...topic, name });
  tell(call, state, topic, { forum_topic_edited: { name } });
  return { result: true };
};

export const unpinAllForumTopicMessages: Method = (call) => {
  const { state, topic } = topicOf(call, 'not enough rights to manage pinned messages in the chat');
  return unpinThread(call, state, topic.message_thread_id);
};

export const unpinAllGeneralForumTopicMessages: Method = (call) => unpinThread(call, generalOf(call).state, GENERAL_THREAD);

export const getForumTopicIconStickers: Method = () => ({
  result: ['📰', '💡', '⚡️', '🎙', '❗️', '🔥'].map((emoji, index) => ({
    file_id: `SIMtopicicon_${index}0000000`, file_unique_id: `Utopicicon${index}`, type: 'custom_emoji', width: 100, height: 100,
    is_animated: true, is_video: false, emoji, custom_emoji_id: String(5_000_000_000_000_000_000n + BigInt(index)), needs_repainting: true,
  })),
});

interface OneTopic { state: ChatState; topic: KeptTopic }

function forumOf(call: Call, words: string): ChatState {
  const state = groupOf(call, 'the chat is not a forum');
  if (state.chat.is_forum !== true) throw badRequest('the chat is not a forum');
  requireRight(state, 'can_manage_topics', words);
  return state;
}

function topicOf(call: Call, words: string): OneTopic {
  const state = forumOf(call, words);
  const topic = call.account.kept('topic', topicKey(state.chat.id, integer(call, 'message_thread_id') ?? 0));
  if (!topic) throw badRequest('TOPIC_ID_INVALID');
  return { state, topic };
}

function generalOf(call: Call): OneTopic {
  const state = forumOf(call, 'not enough rights to edit the topic');
  const none = { chatId: state.chat.id, message_thread_id: GENERAL_THREAD, name: 'General', icon_color: TOPIC_COLOR_DEFAULT, isClosed: false, isHidden: false };
  return { state, topic: call.account.kept('topic', topicKey(state.chat.id, GENERAL_THREAD)) ?? none };
}

function setClosed(call: Call, { state, topic }: OneTopic, isClosed: boolean): { result: true } {
  if (topic.isClosed === isClosed) throw badRequest('TOPIC_NOT_MODIFIED');
  keep(call, { ...topic, isClosed, ...(!isClosed && { isHidden: false }) });
  tell(call, state, topic, isClosed ? { forum_topic_closed: {} } : { forum_topic_reopened: {} });
  return { result: true };
}

/** A hidden general topic is closed as well. */
function setHidden(call: Call, isHidden: boolean): { result: true } {
  const { state, topic } = generalOf(call);
  if (topic.isHidden === isHidden) throw badRequest('TOPIC_NOT_MODIFIED');
  keep(call, { ...topic, isHidden, isClosed: isHidden || topic.isClosed });
  tell(call, state, topic, isHidden ? { general_forum_topic_hidden: {} } : { general_forum_topic_unhidden: {} });
  return { result: true };
}

function tell(call: Call, state: ChatState, topic: KeptTopic, fields: Record<string, unknown>): void {
  const thread = topic.message_thread_id === GENERAL_THREAD ? {} : { message_thread_id: topic.message_thread_id, is_topic_message: true };
  postService(call, state, { ...thread, ...fields });
}

function readName(call: Call): string | undefined {
  const name = text(call, 'name').trim();
  if (name.length > NAME_LENGTH_MAX) throw badRequest('TOPIC_TITLE_TOO_LONG');
  return name === '' ? undefined : name;
}

const keep = (call: Call, topic: KeptTopic): void => call.account.keep('topic', topicKey(topic.chatId, topic.message_thread_id), topic);
