import { ControlError } from '../../domain/control-error.ts';
import { inlineButtons } from '../../domain/reply-markup.ts';
import type { CallbackAnswer, SimMessage } from '../../domain/types.ts';
import type { BotAccount } from '../bot-account.ts';
import { asAnswer } from '../methods/compose.ts';
import { postUpdate } from '../post-update.ts';
import { poll } from '../signal.ts';
import type { Person } from './people.ts';
import { rememberUser } from './people.ts';
import { findMessage } from './send-as-user.ts';

/** A press on an inline button, named by its data or by its label. */
export interface Press {
  from: Person;
  chat_id: number;
  message_id: number;
  data?: string | undefined;
  text?: string | undefined;
  /** Seconds to wait for the bot's answer. */
  wait?: number | undefined;
  /** Presses a button the message does not have, as an old client might. */
  force?: boolean | undefined;
}

export interface Pressed {
  update_id: number | null;
  callback_query_id: string;
  answer: CallbackAnswer | null;
}

/** Presses a button as a person; with `wait` it waits for answerCallbackQuery. */
export async function pressButton(account: BotAccount, input: Press, nowMs: number, abort: AbortSignal): Promise<Pressed> {
  const message = findMessage(account, input.chat_id, input.message_id);
  const data = dataOf(message, input);
  const user = rememberUser(account, input.from);
  const id = String(BigInt(user.id) * 4_294_967_296n + BigInt(Math.floor(Math.random() * 4_294_967_296)));
  account.commit({
    t: 'query',
    query: { id, userId: user.id, chatId: input.chat_id, messageId: input.message_id, createdAtMs: nowMs, answer: null },
  });
  const body = { id, from: user, message: asAnswer(message), chat_instance: String(input.chat_id * 7919), data };
  const update_id = postUpdate(account, 'callback_query', body, nowMs);
  const waitMs = update_id === null ? 0 : (input.wait ?? 0) * 1000;
  const answer = await poll(account.signals, id, waitMs, abort, () => account.queries.get(id)?.answer ?? null);
  return { update_id, callback_query_id: id, answer };
}

function dataOf(message: SimMessage, input: Press): string {
  const buttons = inlineButtons(message.reply_markup);
  const button = buttons.find((one) => (input.data === undefined ? one.text === input.text : one.callback_data === input.data));
  if (button?.callback_data !== undefined) return button.callback_data;
  if (input.force === true && input.data !== undefined) return input.data;
  const wanted = input.data === undefined ? `the label ${JSON.stringify(input.text)}` : `the data ${JSON.stringify(input.data)}`;
  if (button) throw new ControlError(409, `text: the button with ${wanted} has no callback_data, so pressing it sends no update`);
  const labels = buttons.map((one) => JSON.stringify(one.text)).join(', ') || 'none';
  throw new ControlError(409, `message_id: message ${message.message_id} has no button with ${wanted}; it has: ${labels}`);
}
