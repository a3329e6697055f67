import type { User } from '@grammyjs/types';
import { ControlError } from '../../domain/control-error.ts';
import { DEFAULT_PERMISSIONS, PRESENT, chatMember } from '../../domain/chat-member.ts';
import { isVisibleTo } from '../../domain/privacy.ts';
import type { ChatState, MemberState, MemberStatus, SimChat, SimMessage } from '../../domain/types.ts';
import type { Accounts } from '../accounts.ts';
import type { BotAccount } from '../bot-account.ts';
import { postMessage } from '../post-message.ts';
import { postUpdate } from '../post-update.ts';
import type { Person } from './people.ts';
import { privateChat, rememberUser } from './people.ts';

/** A group or channel and who is in it. */
export interface NewChat {
  id?: number | undefined;
  type: 'group' | 'supergroup' | 'channel';
  title: string;
  username?: string | undefined;
  is_forum?: boolean | undefined;
  members: Person[];
  bots: { token: string; status: MemberStatus }[];
}

/** Makes a chat for the bots it names, each of which is told that it was added. */
export function createChat(accounts: Accounts, input: NewChat, nowMs: number): SimChat {
  const bots = input.bots.map(({ token, status }) => ({ account: accounts.get(token), status }));
  const { id = randomChatId(input.type), type, title, username } = input;
  const chat: SimChat = { id, type, title, ...(username !== undefined && { username }), ...(input.is_forum === true && { is_forum: true as const }) };
  for (const { account, status } of bots) {
    const members = input.members.map((person) => ({ user: rememberUser(account, person), status: 'member' as MemberStatus }));
    const full = type === 'channel' ? {} : { permissions: { ...DEFAULT_PERMISSIONS } };
    const before = account.chats.get(id);
    const state: ChatState = { chat, blocked: false, botStatus: status, members, full };
    account.commit({ t: 'chat', state });
    if (before?.botStatus !== status) tellBot(account, state, before?.botStatus ?? 'left', members[0]?.user, nowMs);
  }
  return chat;
}

function randomChatId(type: NewChat['type']): number {
  const random = 1_000_000_000 + Math.floor(Math.random() * 3_000_000_000);
  return type === 'group' ? -random : -1_000_000_000_000 - random;
}

function tellBot(account: BotAccount, state: ChatState, before: MemberStatus, from: User | undefined, nowMs: number): void {
  postUpdate(account, 'my_chat_member', {
    chat: state.chat, from: from ?? { id: 777000, is_bot: false, first_name: 'Telegram' }, date: Math.floor(nowMs / 1000),
    old_chat_member: chatMember({ user: account.self, status: before }),
    new_chat_member: chatMember({ user: account.self, status: state.botStatus, ...(state.botDetails && { details: state.botDetails }) }),
  }, nowMs);
}

/** A person or a bot comes, goes or gets another role. */
export interface MemberChange {
  chat_id: number;
  user?: Person | undefined;
  token?: string | undefined;
  status: MemberStatus;
  /** Fields of Telegram's ChatMember for this status: an administrator's rights, what a restricted member may do. */
  details?: Record<string, unknown> | undefined;
}

export function changeMember(accounts: Accounts, input: MemberChange, nowMs: number): void {
  const { chat_id, user, token, status, details } = input;
  const concerned = token === undefined ? accounts.all().filter((account) => account.chats.has(chat_id)) : [accounts.get(token)];
  const states = concerned.map((account) => ({ account, state: account.chats.get(chat_id) }));
  if (states.length === 0 || states.some(({ state }) => !state || state.chat.type === 'private')) {
    throw new ControlError(404, `chat_id: ${chat_id} is not a group of such a bot; create it with POST /_sim/chats`);
  }
  for (const { account, state } of states) {
    if (!state) continue;
    if (user) changePerson(account, state, user, { status, ...(details && { details }) }, nowMs);
    else {
      const { botDetails: _, ...rest } = state;
      const after = { ...rest, botStatus: status, ...(details && { botDetails: details }) };
      account.commit({ t: 'chat', state: after });
      if (state.botStatus !== status) tellBot(account, after, state.botStatus, state.members[0]?.user, nowMs);
    }
  }
}

function changePerson(account: BotAccount, state: ChatState, person: Person, { status, details }: { status: MemberStatus; details?: Record<string, unknown> }, nowMs: number): void {
  const user = rememberUser(account, person);
  const known = state.members.find((member) => member.user.id === user.id) ?? state.banned?.find((member) => member.user.id === user.id);
  const before = known?.status ?? 'left';
  const member: MemberState = { user, status, ...(details && { details }) };
  const others = state.members.filter((member) => member.user.id !== user.id);
  const banned = (state.banned ?? []).filter((one) => one.user.id !== user.id);
  account.commit({ t: 'chat', state: { ...state, members: PRESENT.has(status) ? [...others, member] : others, banned: status === 'kicked' ? [...banned, member] : banned } });
  const date = Math.floor(nowMs / 1000);
  const administers = state.botStatus === 'administrator' || state.botStatus === 'creator';
  if (administers && before !== status) {
    const members = { old_chat_member: chatMember(known ?? { user, status: 'left' }), new_chat_member: chatMember(member) };
    postUpdate(account, 'chat_member', { chat: state.chat, from: user, date, ...members }, nowMs);
  }
  if (PRESENT.has(before) === PRESENT.has(status)) return;
  const notice = PRESENT.has(status) ? { new_chat_members: [user] } : { left_chat_member: user };
  const message: SimMessage = { message_id: account.takeMessageId(), from: user, chat: state.chat, date, ...notice };
  postMessage(account, message, nowMs);
  if (isVisibleTo(account.bot, state, message)) postUpdate(account, 'message', message, nowMs);
}

/** Somebody whose request to join was approved comes in. */
export function admit(account: BotAccount, state: ChatState, user: User, nowMs: number): void {
  changePerson(account, state, { ...user }, { status: 'member' }, nowMs);
}

/** A person stops or restarts the bot in their private chat. */
export function setBlocked(account: BotAccount, person: Person, blocked: boolean, nowMs: number): void {
  const user = rememberUser(account, person);
  const state = privateChat(account, user);
  if (state.blocked === blocked) return;
  account.commit({ t: 'chat', state: { ...state, blocked } });
  const status = (gone: boolean): MemberStatus => (gone ? 'kicked' : 'member');
  tellBot(account, { ...state, botStatus: status(blocked) }, status(state.blocked), user, nowMs);
}
