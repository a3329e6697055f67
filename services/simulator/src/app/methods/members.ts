import type { User } from '@grammyjs/types';
import { badRequest, forbidden } from '../../domain/api-error.ts';
import type { AdminRight } from '../../domain/chat-member.ts';
import { ADMIN_RIGHTS, PRESENT, chatMember, permissionsFrom } from '../../domain/chat-member.ts';
import type { ChatState, MemberState, MemberStatus } from '../../domain/types.ts';
import { postUpdate } from '../post-update.ts';
import type { Call, Method } from './params.ts';
import { flag, integer, isObject, json, text } from './params.ts';
import { changeChat, groupOf, hasRight, requireRight } from './rights.ts';
import { postService } from './service-message.ts';
import { knownChat } from './targets.ts';

const PRIVATE = "chat member status can't be changed in private chats";
const NO_RIGHT = 'not enough rights to restrict/unrestrict chat member';
const TITLE_LENGTH_MAX = 16;

export const getChatMember: Method = (call) => {
  const state = knownChat(call);
  const userId = integer(call, 'user_id');
  if (userId === call.account.bot.id) return { result: chatMember(botMember(call, state)) };
  const member = userId === null ? undefined : findMember(call, state, userId);
  if (!member) throw badRequest('PARTICIPANT_ID_INVALID');
  return { result: chatMember(member) };
};

export const getChatAdministrators: Method = (call) => {
  const state = groupOf(call, 'there are no administrators in the private chat');
  const people = state.members.filter(({ status }) => status === 'creator' || status === 'administrator');
  const isShown = flag(call, 'return_bots') && (state.botStatus === 'administrator' || state.botStatus === 'creator');
  return { result: [...people, ...(isShown ? [botMember(call, state)] : [])].map(chatMember) };
};

export const getChatMemberCount: Method = (call) => {
  const state = knownChat(call);
  if (state.chat.type === 'private') return { result: 2 };
  return { result: state.members.filter(({ status }) => PRESENT.has(status)).length + (PRESENT.has(state.botStatus) ? 1 : 0) };
};

export const banChatMember: Method = (call) => {
  const { state, member } = toChange(call, 'can_restrict_members', NO_RIGHT);
  if (member.status === 'creator') throw badRequest("can't remove chat owner");
  if (member.status === 'administrator') throw badRequest('user is an administrator of the chat');
  const until = integer(call, 'until_date') ?? 0;
  setStatus(call, state, { ...member, status: 'kicked', details: { until_date: until } });
  if (flag(call, 'revoke_messages')) forgetMessagesOf(call, state, member.user.id);
  return { result: true };
};

export const unbanChatMember: Method = (call) => {
  const { state, member } = toChange(call, 'can_restrict_members', NO_RIGHT);
  if (member.status === 'creator') throw badRequest("can't remove chat owner");
  if (member.status === 'administrator') throw badRequest('user is an administrator of the chat');
  // Without only_if_banned, unbanning somebody who is there removes them: that is how bots kick.
  const isBanned = member.status === 'kicked';
  if (isBanned || !flag(call, 'only_if_banned')) setStatus(call, state, { user: member.user, status: 'left' });
  return { result: true };
};

export const restrictChatMember: Method = (call) => {
  const { state, member } = toChange(call, 'can_restrict_members', NO_RIGHT);
  if (state.chat.type !== 'supergroup') throw badRequest('method is available only for supergroups');
  if (member.user.id === call.account.bot.id) throw badRequest("can't restrict self");
  if (member.status === 'creator') throw badRequest("can't remove chat owner");
  if (member.status === 'administrator') throw badRequest('user is an administrator of the chat');
  const permissions = permissionsFrom(objectOf(call, 'permissions'));
  const isFree = Object.entries(permissions).every(([name, value]) => value || !name.startsWith('can_send_'));
  const isMember = PRESENT.has(member.status);
  const until_date = integer(call, 'until_date') ?? 0;
  setStatus(call, state, isFree && isMember ? { user: member.user, status: 'member' } : { user: member.user, status: 'restricted', details: { ...permissions, is_member: isMember, until_date } });
  return { result: true };
};

export const promoteChatMember: Method = (call) => {
  const { state, member } = toChange(call, 'can_promote_members', 'not enough rights');
  if (member.user.id === call.account.bot.id) throw badRequest("can't promote self");
  if (member.status === 'creator') throw badRequest("can't remove chat owner");
  if (!PRESENT.has(member.status)) throw badRequest('USER_NOT_MUTUAL_CONTACT');
  const rights = Object.fromEntries(ADMIN_RIGHTS.map((right) => [right, flag(call, right)]));
  const isAdmin = Object.values(rights).some(Boolean) || flag(call, 'is_anonymous');
  if (isAdmin && !rights['can_manage_chat']) rights['can_manage_chat'] = true;
  const details = { ...rights, can_be_edited: true, is_anonymous: flag(call, 'is_anonymous') };
  setStatus(call, state, isAdmin ? { user: member.user, status: 'administrator', details } : { user: member.user, status: 'member' });
  return { result: true };
};

export const setChatAdministratorCustomTitle: Method = (call) => {
  const { state, member } = toChange(call, 'can_promote_members', 'not enough rights to change custom title of the user');
  if (state.chat.type !== 'supergroup') throw badRequest('method is available only for supergroups');
  if (member.status === 'creator') throw badRequest('only creator can edit their custom title');
  if (member.status !== 'administrator') throw badRequest('user is not an administrator');
  const custom_title = text(call, 'custom_title');
  if (custom_title.length > TITLE_LENGTH_MAX) throw badRequest('ADMIN_RANK_INVALID');
  if (/\p{Extended_Pictographic}/u.test(custom_title)) throw badRequest('ADMIN_RANK_EMOJI_NOT_ALLOWED');
  return keepDetails(call, state, member, { custom_title });
};

export const setChatMemberTag: Method = (call) => {
  const { state, member } = toChange(call, 'can_manage_tags', 'not enough rights to change the tag of the user');
  if (member.status !== 'member' && member.status !== 'restricted') throw badRequest('user is not a regular member of the chat');
  const tag = text(call, 'tag');
  if (tag.length > TITLE_LENGTH_MAX) throw badRequest('tag is too long');
  return keepDetails(call, state, member, { tag: tag === '' ? undefined : tag });
};

/** Channels that write in a group: the bot may shut them out. */
const senderChat = (isBanned: boolean): Method => (call) => {
  const state = groupOf(call, 'method is available for supergroup and channel chats only');
  requireRight(state, 'can_restrict_members', NO_RIGHT);
  const id = integer(call, 'sender_chat_id');
  if (id === null || id >= 0) throw badRequest('PARTICIPANT_ID_INVALID');
  const others = bannedChats(state).filter((one) => one !== id);
  changeChat(call, state, { full: { ...state.full, banned_sender_chats: isBanned ? [...others, id] : others } });
  return { result: true };
};
export const banChatSenderChat = senderChat(true);
export const unbanChatSenderChat = senderChat(false);
const bannedChats = (state: ChatState): number[] => (state.full?.['banned_sender_chats'] as number[] | undefined) ?? [];

export const leaveChat: Method = (call) => {
  const state = groupOf(call, PRIVATE);
  if (!PRESENT.has(state.botStatus)) throw forbidden(`bot is not a member of the ${state.chat.type} chat`);
  postService(call, state, { left_chat_member: call.account.self });
  const after = changeChat(call, state, { botStatus: 'left' });
  postUpdate(call.account, 'my_chat_member', {
    chat: state.chat, from: call.account.self, date: Math.floor(call.nowMs / 1000),
    old_chat_member: chatMember(botMember(call, state)), new_chat_member: chatMember(botMember(call, after)),
  }, call.nowMs);
  return { result: true };
};

export const botMember = (call: Call, state: ChatState): MemberState =>
  ({ user: call.account.self, status: state.botStatus, ...(state.botDetails && { details: state.botDetails }) });

/** Somebody of the chat, or who was banned from it, or whom the bot knows and who is not there. */
export function findMember(call: Call, state: ChatState, userId: number): MemberState | undefined {
  const found = state.members.find(({ user }) => user.id === userId) ?? state.banned?.find(({ user }) => user.id === userId);
  if (found) return found;
  const user = call.account.users.get(userId);
  if (!user) return undefined;
  return { user, status: state.chat.type === 'private' && state.chat.id === userId ? 'member' : 'left' };
}

function toChange(call: Call, right: AdminRight, words: string): { state: ChatState; member: MemberState } {
  const state = groupOf(call, PRIVATE);
  if (!PRESENT.has(state.botStatus)) throw forbidden(`bot is not a member of the ${state.chat.type} chat`);
  const userId = integer(call, 'user_id');
  if (userId === null) throw badRequest('invalid user_id specified');
  if (!hasRight(state, right)) throw badRequest(words);
  if (userId === call.account.bot.id) return { state, member: botMember(call, state) };
  const member = findMember(call, state, userId);
  if (!member) throw badRequest('PARTICIPANT_ID_INVALID');
  return { state, member };
}

/** Somebody gets another status by an act of the bot: the chat keeps it, and bots that asked for chat_member hear of it. */
export function setStatus(call: Call, state: ChatState, member: MemberState): void {
  const { account, nowMs } = call;
  const before = findMember(call, state, member.user.id) ?? { user: member.user, status: 'left' as MemberStatus };
  const others = state.members.filter(({ user }) => user.id !== member.user.id);
  const banned = (state.banned ?? []).filter(({ user }) => user.id !== member.user.id);
  const after = changeChat(call, state, {
    members: PRESENT.has(member.status) ? [...others, member] : others, banned: member.status === 'kicked' ? [...banned, member] : banned,
  });
  postUpdate(account, 'chat_member', {
    chat: state.chat, from: account.self, date: Math.floor(nowMs / 1000), old_chat_member: chatMember(before), new_chat_member: chatMember(member),
  }, nowMs);
  if (PRESENT.has(before.status) && !PRESENT.has(member.status) && state.chat.type !== 'channel') postService(call, after, { left_chat_member: member.user });
}

function keepDetails(call: Call, state: ChatState, member: MemberState, fields: Record<string, unknown>): { result: true } {
  const details = Object.fromEntries(Object.entries({ ...member.details, ...fields }).filter(([, value]) => value !== undefined));
  changeChat(call, state, { members: state.members.map((one) => (one.user.id === member.user.id ? { ...one, details } : one)) });
  return { result: true };
}

function forgetMessagesOf(call: Call, state: ChatState, userId: User['id']): void {
  for (const message of call.account.messagesAfter(state.chat.id, 0)) {
    if (message.from.id === userId) call.account.commit({ t: 'delete', chatId: state.chat.id, messageId: message.message_id });
  }
}

function objectOf(call: Call, name: string): Record<string, unknown> {
  const value = json(call, name);
  if (!isObject(value)) throw badRequest(`can't parse ${name} JSON object`);
  return value;
}
