import type { MemberState, MemberStatus } from './types.ts';

const all = <K extends string>(names: readonly K[], value: boolean): Record<K, boolean> =>
  Object.fromEntries(names.map((name) => [name, value])) as Record<K, boolean>;

/** Rights of an administrator, as promoteChatMember names them. */
export const ADMIN_RIGHTS = [
  'can_manage_chat', 'can_delete_messages', 'can_manage_video_chats', 'can_restrict_members', 'can_promote_members', 'can_change_info', 'can_invite_users',
  'can_post_stories', 'can_edit_stories', 'can_delete_stories', 'can_send_welcome_messages', 'can_post_messages', 'can_edit_messages', 'can_pin_messages', 'can_manage_topics',
  'can_manage_direct_messages', 'can_manage_tags',
] as const;
export type AdminRight = (typeof ADMIN_RIGHTS)[number];

/** What a member may do, as setChatPermissions and restrictChatMember name it. */
export const PERMISSIONS = [
  'can_send_messages', 'can_send_audios', 'can_send_documents', 'can_send_photos', 'can_send_videos', 'can_send_video_notes', 'can_send_voice_notes', 'can_send_polls',
  'can_send_other_messages', 'can_add_web_page_previews', 'can_react_to_messages', 'can_edit_tag', 'can_change_info', 'can_invite_users', 'can_pin_messages', 'can_manage_topics',
] as const;

/** Permissions that are given in one call: what is not named is forbidden. */
export const permissionsFrom = (given: Readonly<Record<string, unknown>>): Record<string, boolean> =>
  Object.fromEntries(PERMISSIONS.map((name) => [name, given[name] === true]));

/** What everybody may do in a new group. */
export const DEFAULT_PERMISSIONS: Readonly<Record<string, boolean>> = { ...all(PERMISSIONS, true), can_change_info: false, can_manage_topics: false };

/** Who is there: these count as members. */
export const PRESENT: ReadonlySet<MemberStatus> = new Set(['creator', 'administrator', 'member', 'restricted']);

/** Somebody in Telegram's shape of ChatMember: every field that it demands, and what is known. */
export function chatMember({ user, status, details = {} }: MemberState): Record<string, unknown> {
  switch (status) {
    case 'creator': return { status, user, is_anonymous: false, ...details };
    case 'administrator': return { status, user, can_be_edited: false, is_anonymous: false, ...all(ADMIN_RIGHTS, true), ...details };
    case 'member': case 'left': return { status, user, ...details };
    case 'restricted': return { status, user, is_member: true, ...all(PERMISSIONS, false), until_date: 0, ...details };
    case 'kicked': return { status, user, until_date: 0, ...details };
  }
}
