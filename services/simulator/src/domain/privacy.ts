import type { BotIdentity, ChatState, SimMessage } from './types.ts';

/** Fields that make a message a service message, which every bot of a group sees. */
const SERVICE_FIELDS = [
  'new_chat_members', 'left_chat_member', 'new_chat_title', 'new_chat_photo', 'delete_chat_photo', 'group_chat_created',
  'supergroup_chat_created', 'migrate_to_chat_id', 'migrate_from_chat_id', 'pinned_message', 'forum_topic_created',
  'video_chat_started', 'video_chat_ended', 'successful_payment',
] as const;

/**
 * Whether privacy mode lets the bot see a message of a group: commands that are not for another bot, replies to it,
 * mentions of it, service messages. Administrators see everything.
 */
export function isVisibleTo(bot: BotIdentity, chat: ChatState, message: SimMessage): boolean {
  if (chat.chat.type !== 'group' && chat.chat.type !== 'supergroup') return true;
  if (!bot.privacy || chat.botStatus === 'administrator' || chat.botStatus === 'creator') return true;
  if (message.reply_to_message?.from.id === bot.id) return true;
  if (SERVICE_FIELDS.some((field) => message[field] !== undefined)) return true;
  const text = message.text ?? message.caption ?? '';
  const handle = `@${bot.username.toLowerCase()}`;
  return (message.entities ?? message.caption_entities ?? []).some((entity) => {
    const part = text.slice(entity.offset, entity.offset + entity.length).toLowerCase();
    if (entity.type === 'bot_command') return entity.offset === 0 && (!part.includes('@') || part.endsWith(handle));
    return entity.type === 'mention' && part === handle;
  });
}
