import { badRequest } from '../../domain/api-error.ts';
import type { Invoice } from '../../domain/types.ts';
import { sendContent } from './compose.ts';
import { STARS } from './stars.ts';
import type { Call, Method } from './params.ts';
import { flag, isObject, json, text } from './params.ts';

export const sendInvoice: Method = (call) => {
  const invoice = readInvoice(call);
  const { title, description, currency, totalAmount } = invoice;
  const message = sendContent(call, () => ({
    invoice: { title, description, start_parameter: text(call, 'start_parameter'), currency, total_amount: totalAmount },
  }));
  call.account.commit({ t: 'invoice', invoice: { ...invoice, key: invoiceKey(message.chat.id, message.message_id) } });
  return { result: message };
};

export const createInvoiceLink: Method = (call) => {
  const key = `https://t.me/$${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`;
  call.account.commit({ t: 'invoice', invoice: { ...readInvoice(call), key } });
  return { result: key };
};

/** How the invoice of a message is found again. */
export const invoiceKey = (chatId: number, messageId: number): string => `${chatId}:${messageId}`;

function readInvoice(call: Call): Omit<Invoice, 'key'> {
  const title = required(call, 'title', 32, 'TITLE');
  const description = required(call, 'description', 255, 'DESCRIPTION');
  const payload = text(call, 'payload');
  if (payload === '' || Buffer.byteLength(payload) > 128) throw badRequest('INVOICE_PAYLOAD_INVALID');
  const currency = text(call, 'currency');
  if (!/^[A-Z]{3}$/.test(currency)) throw badRequest('CURRENCY_INVALID');
  const amounts = readPrices(call);
  // Stars have one price, and no payment provider.
  if (currency === STARS && amounts.length !== 1) throw badRequest('STARS_INVOICE_INVALID');
  if (currency !== STARS && text(call, 'provider_token') === '') throw badRequest('PAYMENT_PROVIDER_INVALID');
  const totalAmount = amounts.reduce((sum, amount) => sum + amount, 0);
  if (totalAmount <= 0) throw badRequest('CURRENCY_TOTAL_AMOUNT_INVALID');
  return { title, description, payload, currency, totalAmount, isFlexible: flag(call, 'is_flexible') };
}

function required(call: Call, name: string, lengthMax: number, word: string): string {
  const value = text(call, name);
  if (value === '' || value.length > lengthMax) throw badRequest(`INVOICE_${word}_INVALID`);
  return value;
}

function readPrices(call: Call): number[] {
  const prices = json(call, 'prices');
  if (!Array.isArray(prices) || prices.length === 0) throw badRequest("can't parse prices JSON object");
  return prices.map((price: unknown) => {
    const amount = isObject(price) && typeof price['label'] === 'string' ? price['amount'] : undefined;
    if (typeof amount !== 'number' || !Number.isSafeInteger(amount)) throw badRequest("can't parse LabeledPrice");
    return amount;
  });
}
