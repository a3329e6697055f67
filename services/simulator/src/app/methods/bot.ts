import { badRequest } from '../../domain/api-error.ts';
import type { Method } from './params.ts';
import { integer, text } from './params.ts';
import { knownChat } from './targets.ts';

export const getMe: Method = ({ account }) => ({
  result: {
    ...account.self, can_join_groups: true, can_read_all_group_messages: !account.bot.privacy,
    supports_inline_queries: false, can_connect_to_business: false, has_main_web_app: false,
  },
});

export const getChat: Method = (call) => ({
  result: { ...knownChat(call).chat, accent_color_id: 0, max_reaction_count: 11, accepted_gift_types: {} },
});

export const getChatMember: Method = (call) => {
  const state = knownChat(call);
  const userId = integer(call, 'user_id');
  if (userId === call.account.bot.id) return { result: { user: call.account.self, status: state.botStatus } };
  const member = state.members.find(({ user }) => user.id === userId);
  if (!member) throw badRequest('PARTICIPANT_ID_INVALID');
  return { result: member };
};

export const getFile: Method = (call) => {
  const id = text(call, 'file_id');
  const file = call.account.files.get(id);
  if (!file || !('bytes' in file)) throw badRequest(id === '' ? 'file_id not specified' : 'wrong file_id or the file is temporarily unavailable');
  return { result: { file_id: id, file_unique_id: `U${id.slice(-15)}`, file_size: file.bytes.length, file_path: `files/${id}` } };
};
