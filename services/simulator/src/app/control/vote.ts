import { ControlError } from '../../domain/control-error.ts';
import type { BotAccount } from '../bot-account.ts';
import { closeIfOver, vote } from '../poll-state.ts';
import type { Person } from './people.ts';
import { rememberUser } from './people.ts';
import { findMessage } from './send-as-user.ts';

/** A person votes in the poll of a message; no options take the vote back. */
export interface Vote {
  from: Person;
  chat_id: number;
  message_id: number;
  option_ids: number[];
}

/** Votes as a person; the update id is that of poll_answer, null when the poll is anonymous or the bot did not ask for it. */
export function voteAsUser(account: BotAccount, input: Vote, nowMs: number): { update_id: number | null } {
  const message = findMessage(account, input.chat_id, input.message_id);
  const kept = account.kept('poll', (message['poll'] as { id?: string } | undefined)?.id ?? '');
  if (!kept) throw new ControlError(409, `message_id: message ${input.message_id} holds no poll of this bot`);
  if (closeIfOver(account, kept, nowMs)) throw new ControlError(409, 'message_id: this poll is closed');
  const { poll, votes } = kept;
  const wrong = input.option_ids.find((id) => id >= poll.options.length);
  if (wrong !== undefined) throw new ControlError(400, `option_ids: ${wrong} is no option; the poll has ${poll.options.length}, counted from 0`);
  if (input.option_ids.length > 1 && !poll.allows_multiple_answers) throw new ControlError(409, 'option_ids: this poll takes one answer only');
  const user = rememberUser(account, input.from);
  const hasVoted = votes.some(([voter]) => voter.id === user.id);
  if (hasVoted && poll['allows_revoting'] === false) throw new ControlError(409, `from: user ${user.id} has voted already, and this poll takes no second vote`);
  return { update_id: vote(account, kept, user, input.option_ids, nowMs) };
}
