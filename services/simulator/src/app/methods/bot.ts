import type { Method } from './params.ts';
import { profileText } from './profile.ts';

export const getMe: Method = ({ account }) => ({
  result: {
    ...account.self, first_name: profileText(account, 'name', ''), can_join_groups: true, can_read_all_group_messages: !account.bot.privacy,
    supports_guest_queries: false, supports_inline_queries: true, can_connect_to_business: false, has_main_web_app: false,
    has_topics_enabled: false, allows_users_to_create_topics: false, can_manage_bots: false, supports_join_request_queries: true,
  },
});
