import type { User } from '@grammyjs/types';
import { ControlError } from '../../domain/control-error.ts';
import type { Invoice, SimMessage } from '../../domain/types.ts';
import { PAY_WAIT_S_DEFAULT } from '../../limits.ts';
import type { BotAccount } from '../bot-account.ts';
import { invoiceKey } from '../methods/invoices.ts';
import { STARS } from '../methods/stars.ts';
import { postMessage } from '../post-message.ts';
import { postUpdate } from '../post-update.ts';
import { poll } from '../signal.ts';
import type { Person } from './people.ts';
import { privateChat, rememberUser } from './people.ts';

/** A person pays an invoice of their private chat, or one behind a link. */
export interface Payment {
  from: Person;
  invoice_message_id?: number | undefined;
  invoice_link?: string | undefined;
  /** The person's bank says no after the bot said yes. */
  decline?: boolean | undefined;
  /** Seconds for each of the bot's answers. */
  wait?: number | undefined;
}

export interface Paid {
  status: 'paid' | 'refused' | 'timeout' | 'declined';
  error_message?: string;
  telegram_payment_charge_id?: string;
}

interface Checkout {
  account: BotAccount;
  user: User;
  invoice: Invoice;
  waitMs: number;
  abort: AbortSignal;
}

interface ShippingOption { id: string; prices?: { amount: number }[] }

const ADDRESS = { country_code: 'DE', state: 'Berlin', city: 'Berlin', street_line1: 'Unter den Linden 1', street_line2: '', post_code: '10117' };

/** Asks for shipping when the price depends on it, then for the checkout, and pays; each question waits for the bot's answer. */
export async function pay(account: BotAccount, input: Payment, abort: AbortSignal): Promise<Paid> {
  const user = rememberUser(account, input.from);
  const invoice = findInvoice(account, user, input);
  const checkout: Checkout = { account, user, invoice, waitMs: (input.wait ?? PAY_WAIT_S_DEFAULT) * 1_000, abort };
  const { currency, payload: invoice_payload } = invoice;
  let total_amount = invoice.totalAmount;
  let shipping: object = {};
  if (invoice.isFlexible) {
    const answer = await ask(checkout, 'shipping_query', { invoice_payload, shipping_address: ADDRESS });
    if (answer?.['ok'] !== true) return unanswered(answer);
    const option = (answer['shipping_options'] as ShippingOption[])[0];
    total_amount += (option?.prices ?? []).reduce((sum, { amount }) => sum + amount, 0);
    shipping = { shipping_option_id: option?.id, order_info: { shipping_address: ADDRESS } };
  }
  const answer = await ask(checkout, 'pre_checkout_query', { currency, total_amount, invoice_payload, ...shipping });
  if (answer?.['ok'] !== true) return unanswered(answer);
  if (input.decline === true) return { status: 'declined' };
  return { status: 'paid', telegram_payment_charge_id: settlePayment(checkout, { currency, total_amount, invoice_payload, ...shipping }) };
}

function findInvoice(account: BotAccount, user: User, input: Payment): Invoice {
  const key = input.invoice_link ?? invoiceKey(user.id, input.invoice_message_id ?? 0);
  const invoice = account.invoices.get(key);
  if (!invoice) throw new ControlError(404, `invoice_message_id: the private chat of ${user.id} has no such invoice; send the message_id that sendInvoice gave, or an invoice_link of createInvoiceLink`);
  return invoice;
}

async function ask({ account, user, waitMs, abort }: Checkout, kind: 'shipping_query' | 'pre_checkout_query', body: object): Promise<Record<string, unknown> | null> {
  const id = String(BigInt(user.id) * 4_294_967_296n + BigInt(Math.floor(Math.random() * 4_294_967_296)));
  postUpdate(account, kind, { id, from: user, ...body }, Date.now());
  return poll(account.signals, id, waitMs, abort, () => account.openQueries.get(id)?.answer ?? null);
}

const unanswered = (answer: Record<string, unknown> | null): Paid =>
  answer === null ? { status: 'timeout' } : { status: 'refused', error_message: typeof answer['error_message'] === 'string' ? answer['error_message'] : '' };

interface Payed { currency: string; total_amount: number; invoice_payload: string }

/** What the bot may refund later; Stars show in its balance and transactions, too. */
function keepCharge(account: BotAccount, user: User, id: string, payment: Payed & { provider_payment_charge_id: string }, nowMs: number): void {
  const { currency, total_amount, invoice_payload, provider_payment_charge_id } = payment;
  account.keep('charge', id, { userId: user.id, currency, total_amount, invoice_payload, provider_payment_charge_id, isRefunded: false, isCanceled: false });
  if (currency !== STARS) return;
  const source = { type: 'user', transaction_type: 'invoice_payment', user, invoice_payload };
  account.keep('star_transaction', id, { id, amount: total_amount, date: Math.floor(nowMs / 1000), source });
}

function settlePayment({ account, user }: Checkout, payment: Payed): string {
  const nowMs = Date.now();
  const telegram_payment_charge_id = `stx${crypto.randomUUID().replaceAll('-', '')}`;
  const state = privateChat(account, user);
  const provider_payment_charge_id = crypto.randomUUID();
  keepCharge(account, user, telegram_payment_charge_id, { ...payment, provider_payment_charge_id }, nowMs);
  const successful_payment = { ...payment, telegram_payment_charge_id, provider_payment_charge_id };
  const message: SimMessage = { message_id: account.takeMessageId(), from: user, chat: state.chat, date: Math.floor(nowMs / 1000), successful_payment };
  postMessage(account, message, nowMs);
  postUpdate(account, 'message', message, nowMs);
  return telegram_payment_charge_id;
}
