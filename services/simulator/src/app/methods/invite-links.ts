import { badRequest } from '../../domain/api-error.ts';
import type { ChatState } from '../../domain/types.ts';
import type { Shelves } from '../shelves.ts';
import type { Call, Method } from './params.ts';
import { flag, integer, text } from './params.ts';
import { changeFull, groupOf, requireRight } from './rights.ts';

type InviteLink = Shelves['invite_link'];

const NAME_LENGTH_MAX = 32;
const MEMBERS_MAX = 99_999;
const SUBSCRIPTION_PERIOD_S = 2_592_000;
const SUBSCRIPTION_STARS_MAX = 10_000;

export const exportChatInviteLink: Method = (call) => {
  const state = manageable(call);
  const before = state.full?.['invite_link'];
  if (typeof before === 'string') {
    const old = call.account.kept('invite_link', keyOf(state, before));
    if (old) call.account.keep('invite_link', keyOf(state, before), { ...old, is_revoked: true });
  }
  const link = keep(call, state, { ...newLink(call), is_primary: true });
  changeFull(call, state, { invite_link: link.invite_link });
  return { result: link.invite_link };
};

export const createChatInviteLink: Method = (call) => {
  const state = manageable(call);
  return { result: keep(call, state, { ...newLink(call), ...readOptions(call) }) };
};

export const editChatInviteLink: Method = (call) => {
  const { state, link } = existing(call);
  const { invite_link, creator, is_primary, is_revoked } = link;
  return { result: keep(call, state, { invite_link, creator, is_primary, is_revoked, ...readOptions(call) }) };
};

export const createChatSubscriptionInviteLink: Method = (call) => {
  const state = manageable(call);
  if (state.chat.type !== 'channel') throw badRequest('method is available only for channels');
  if (integer(call, 'subscription_period') !== SUBSCRIPTION_PERIOD_S) throw badRequest('SUBSCRIPTION_PERIOD_INVALID');
  const price = integer(call, 'subscription_price') ?? 0;
  if (price < 1 || price > SUBSCRIPTION_STARS_MAX) throw badRequest('STARS_AMOUNT_INVALID');
  return { result: keep(call, state, { ...newLink(call), ...nameOf(call), subscription_period: SUBSCRIPTION_PERIOD_S, subscription_price: price }) };
};

export const editChatSubscriptionInviteLink: Method = (call) => {
  const { state, link } = existing(call);
  const { name: _, ...rest } = link;
  return { result: keep(call, state, { ...rest, ...nameOf(call) }) };
};

export const revokeChatInviteLink: Method = (call) => {
  const { state, link } = existing(call);
  return { result: keep(call, state, { ...link, is_revoked: true }) };
};

function manageable(call: Call): ChatState {
  const state = groupOf(call, "can't manage invite links of private chats");
  requireRight(state, 'can_invite_users', 'not enough rights to manage chat invite link');
  return state;
}

function existing(call: Call): { state: ChatState; link: InviteLink } {
  const state = manageable(call);
  const link = call.account.kept('invite_link', keyOf(state, text(call, 'invite_link')));
  if (!link) throw badRequest('INVITE_HASH_EXPIRED');
  return { state, link };
}

function newLink({ account }: Call): InviteLink {
  const hash = crypto.randomUUID().replaceAll('-', '').slice(0, 16);
  return { invite_link: `https://t.me/+${hash}`, creator: account.self, creates_join_request: false, is_primary: false, is_revoked: false };
}

function readOptions(call: Call): Record<string, unknown> {
  const expire_date = integer(call, 'expire_date') ?? 0;
  const member_limit = integer(call, 'member_limit') ?? 0;
  const creates_join_request = flag(call, 'creates_join_request');
  if (expire_date !== 0 && expire_date * 1_000 <= call.nowMs) throw badRequest('EXPIRE_DATE_INVALID');
  if (member_limit < 0 || member_limit > MEMBERS_MAX) throw badRequest('USAGE_LIMIT_INVALID');
  if (creates_join_request && member_limit !== 0) throw badRequest("member limit can't be specified for links requiring administrator approval");
  return { creates_join_request, ...nameOf(call), ...(expire_date !== 0 && { expire_date }), ...(member_limit !== 0 && { member_limit }) };
}

function nameOf(call: Call): { name?: string } {
  const name = text(call, 'name');
  if (name.length > NAME_LENGTH_MAX) throw badRequest('TITLE_INVALID');
  return name === '' ? {} : { name };
}

function keep({ account }: Call, state: ChatState, link: InviteLink): InviteLink {
  account.keep('invite_link', keyOf(state, link.invite_link), link);
  return link;
}

const keyOf = (state: ChatState, link: string): string => `${state.chat.id}:${link}`;
