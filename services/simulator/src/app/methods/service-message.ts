import type { ChatState, SimMessage } from '../../domain/types.ts';
import { postMessage } from '../post-message.ts';
import type { Call } from './params.ts';

/** Posts what Telegram itself says in a chat about something the bot did: a new title, a pinned message, a topic. Bots get no update about their own. */
export function postService(call: Call, state: ChatState, fields: Record<string, unknown>): SimMessage {
  const { account, nowMs } = call;
  const message: SimMessage = {
    message_id: account.takeMessageId(), from: account.self, chat: state.chat, date: Math.floor(nowMs / 1000), ...fields,
  };
  postMessage(account, message, nowMs);
  return message;
}
