import type { User } from '@grammyjs/types';
import { ControlError } from '../../domain/control-error.ts';
import { PRESENT } from '../../domain/chat-member.ts';
import type { ChatState, MemberState, SimChat, SimMessage } from '../../domain/types.ts';
import type { BotAccount } from '../bot-account.ts';
import { commandsFor } from '../methods/commands.ts';
import { menuButton, profileText } from '../methods/profile.ts';
import { PLAYGROUND_CHATS_MAX, PLAYGROUND_USERS_MAX } from '../../limits.ts';

/** Whose chat is looked at, which of theirs, and how many of its newest messages are wanted. */
export interface ChatWanted {
  userId: number;
  language: string;
  /** Absent: the private chat of the user. */
  chatId?: number | undefined;
  limit: number;
}

/** A chat in the list of one user. */
export interface ChatRow {
  chat: SimChat;
  /** Whether the user is in it; one may look into all groups, but not write into them. */
  present: boolean;
  last: SimMessage | null;
}

/** Who reacted how to one message. */
export interface MessageReactions {
  message_id: number;
  reactions: { user_id: number; reaction: unknown[] }[];
}

/** A chat as one user sees it now; events after `seq` tell how it goes on. */
export function viewChat(account: BotAccount, wanted: ChatWanted, nowMs: number): Record<string, unknown> {
  const { userId, language } = wanted;
  const chatId = wanted.chatId ?? userId;
  const state = account.chats.get(chatId);
  if (chatId !== userId && !state) throw new ControlError(404, `chat_id: ${chatId} is not a chat of @${account.bot.username}; create it with POST /_sim/chats`);
  const { messages, more } = newestMessages(account, chatId, Number.MAX_SAFE_INTEGER, wanted.limit);
  return {
    token: account.token, id: account.bot.id, username: account.bot.username, name: profileText(account, 'name', language), privacy: account.bot.privacy,
    about: profileText(account, 'description', language), live: account.isLive(nowMs), pending: account.pending.size,
    commands: commandsFor(account, chatId, userId, language), menu_button: menuButton(account, String(userId)),
    chat: state?.chat ?? { id: userId, type: 'private' }, blocked: state?.blocked ?? false, bot_status: state?.botStatus ?? 'member',
    status: statusOf(state, userId), members: state?.members ?? [], requests: requestsOf(account, chatId),
    chats: chatsOf(account, userId), users: [...account.users.values()].filter((user) => !user.is_bot).slice(-PLAYGROUND_USERS_MAX),
    messages, more, reactions: reactionsOf(account, chatId), votes: votesOf(account, chatId, userId),
    seq: account.events.lastSeq,
  };
}

/** A page of messages that ends before an id. */
export function newestMessages(account: BotAccount, chatId: number, before: number, limit: number): { messages: SimMessage[]; more: boolean } {
  if (limit === 0) return { messages: [], more: false };
  const older = account.messagesAfter(chatId, 0).filter((message) => message.message_id < before);
  return { messages: older.slice(-limit), more: older.length > limit };
}

function statusOf(state: ChatState | undefined, userId: number): MemberState['status'] {
  if (!state || state.chat.type === 'private') return 'member';
  const found = [...state.members, ...(state.banned ?? [])].find(({ user }) => user.id === userId);
  return found?.status ?? 'left';
}

function chatsOf(account: BotAccount, userId: number): ChatRow[] {
  const groups = [...account.chats.values()].filter(({ chat }) => chat.type !== 'private').slice(-PLAYGROUND_CHATS_MAX);
  return groups.map((state) => ({ chat: state.chat, present: PRESENT.has(statusOf(state, userId)), last: account.newestMessage(state.chat.id) }));
}

function requestsOf(account: BotAccount, chatId: number): User[] {
  return [...account.shelf('join_request')].filter(([key]) => key.startsWith(`${chatId}:`)).map(([, user]) => user);
}

function reactionsOf(account: BotAccount, chatId: number): MessageReactions[] {
  const byMessage = new Map<number, MessageReactions['reactions']>();
  for (const [key, reaction] of account.shelf('reaction')) {
    const [chat, message_id = 0, user_id = 0] = key.split(':').map(Number);
    if (chat !== chatId) continue;
    const list = byMessage.get(message_id) ?? [];
    list.push({ user_id, reaction });
    byMessage.set(message_id, list);
  }
  return [...byMessage].map(([message_id, reactions]) => ({ message_id, reactions }));
}

/** The user's own votes by message, which Telegram's Message does not tell. */
function votesOf(account: BotAccount, chatId: number, userId: number): { message_id: number; option_ids: number[] }[] {
  return [...account.shelf('poll').values()].filter((kept) => kept.chatId === chatId).flatMap(({ messageId, votes }) => {
    const own = votes.find(([voter]) => voter.id === userId);
    return own ? [{ message_id: messageId, option_ids: own[1] }] : [];
  });
}
