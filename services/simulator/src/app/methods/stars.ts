import { badRequest } from '../../domain/api-error.ts';
import type { BotAccount } from '../bot-account.ts';
import type { KeptCharge } from '../shelves.ts';
import { postMessage } from '../post-message.ts';
import { postUpdate } from '../post-update.ts';
import type { Call, Method } from './params.ts';
import { flag, integer, text } from './params.ts';

/** Telegram Stars as a currency. */
export const STARS = 'XTR';
const PAGE_MAX = 100;

export const getMyStarBalance: Method = ({ account }) => ({ result: { amount: balanceOf(account) } });

/** What came in less what went out; a refund names its receiver, and its amount counts against the bot. */
export function balanceOf(account: BotAccount): number {
  let sum = 0;
  for (const one of account.shelf('star_transaction').values()) sum += one['receiver'] === undefined ? one.amount : -one.amount;
  return sum;
}

export const getStarTransactions: Method = (call) => {
  const offset = Math.max(0, integer(call, 'offset') ?? 0);
  const limit = Math.min(Math.max(1, integer(call, 'limit') ?? PAGE_MAX), PAGE_MAX);
  return { result: { transactions: [...call.account.shelf('star_transaction').values()].slice(offset, offset + limit) } };
};

export const refundStarPayment: Method = (call) => {
  const { account, nowMs } = call;
  const { id, charge } = chargeOf(call);
  if (charge.currency !== STARS) throw badRequest('CHARGE_ID_INVALID');
  if (charge.isRefunded) throw badRequest('CHARGE_ALREADY_REFUNDED');
  const user = account.users.get(charge.userId) ?? { id: charge.userId, is_bot: false, first_name: `User ${charge.userId}` };
  const { total_amount, invoice_payload, currency, provider_payment_charge_id } = charge;
  const date = Math.floor(nowMs / 1000);
  account.keep('charge', id, { ...charge, isRefunded: true });
  account.keep('star_transaction', `${id}:refund`, { id, amount: total_amount, date, receiver: { type: 'user', transaction_type: 'invoice_payment', user, invoice_payload } });
  const state = account.chats.get(user.id);
  if (!state) return { result: true };
  const refunded_payment = { currency, total_amount, invoice_payload, telegram_payment_charge_id: id, provider_payment_charge_id };
  const message = { message_id: account.takeMessageId(), from: user, chat: state.chat, date, refunded_payment };
  postMessage(account, message, nowMs);
  postUpdate(account, 'message', message, nowMs);
  return { result: true };
};

export const editUserStarSubscription: Method = (call) => {
  const { id, charge } = chargeOf(call);
  call.account.keep('charge', id, { ...charge, isCanceled: flag(call, 'is_canceled') });
  return { result: true };
};

function chargeOf(call: Call): { id: string; charge: KeptCharge } {
  const id = text(call, 'telegram_payment_charge_id');
  const charge = call.account.kept('charge', id);
  if (!charge || charge.userId !== integer(call, 'user_id')) throw badRequest('CHARGE_ID_INVALID');
  return { id, charge };
}
