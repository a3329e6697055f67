import { ControlError } from '../../domain/control-error.ts';
import type { BotAccount } from '../bot-account.ts';
import { removeMessage } from '../post-message.ts';
import type { Person } from './people.ts';
import { rememberUser } from './people.ts';
import { findMessage } from './send-as-user.ts';

/** A person deletes a message: any of their private chat, their own ones of a group. */
export interface UserDelete {
  from: Person;
  chat_id: number;
  message_id: number;
}

/** Deletes as a person. Telegram tells bots nothing about it. */
export function deleteAsUser(account: BotAccount, input: UserDelete, nowMs: number): void {
  const message = findMessage(account, input.chat_id, input.message_id);
  const user = rememberUser(account, input.from);
  const state = account.chats.get(input.chat_id);
  const administers = state?.members.some((member) => member.user.id === user.id && (member.status === 'administrator' || member.status === 'creator')) === true;
  if (message.from.id !== user.id && input.chat_id !== user.id && !administers) {
    throw new ControlError(409, `from: message ${message.message_id} was written by ${message.from.id}; only its author or an administrator can delete it in a group`);
  }
  removeMessage(account, input.chat_id, input.message_id, nowMs);
}
