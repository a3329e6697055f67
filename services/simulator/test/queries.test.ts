import { describe, expect, it } from 'vitest';
import { ANN, eventually, setup } from './harness.ts';
import type { Json } from './harness.ts';

const INVOICE = { chat_id: ANN.id, title: 'Coffee', description: 'A bag', payload: 'order-1', currency: 'XTR', prices: [{ label: 'Bag', amount: 5 }] };

async function shop() {
  const world = await setup();
  const token = await world.bot();
  await world.sim('messages', { token, from: ANN, text: '/start' });
  let offset = 0;
  /** The next update of a kind. */
  const next = (kind: string): Promise<Json> => eventually(async () => {
    const { result } = (await world.api(token, 'getUpdates', { offset, timeout: 1 })).body;
    const found = result.find((update: Json) => kind in update);
    if (found) offset = found.update_id + 1;
    return found?.[kind] ?? null;
  });
  return { ...world, token, next };
}

describe('[P9] payments', () => {
  it('asks the bot before it pays, and tells it of the payment', async () => {
    const { sim, api, token, next } = await shop();
    const { message_id, invoice } = (await api(token, 'sendInvoice', INVOICE)).body.result;
    expect(invoice).toEqual({ title: 'Coffee', description: 'A bag', start_parameter: '', currency: 'XTR', total_amount: 5 });
    const paying = sim('pay', { token, from: ANN, invoice_message_id: message_id });
    const query = await next('pre_checkout_query');
    expect(query).toMatchObject({ from: { id: ANN.id }, currency: 'XTR', total_amount: 5, invoice_payload: 'order-1' });
    expect((await api(token, 'answerPreCheckoutQuery', { pre_checkout_query_id: query.id, ok: true })).body.result).toBe(true);
    const paid = await paying;
    expect(paid.status).toBe('paid');
    expect((await next('message')).successful_payment).toMatchObject({ invoice_payload: 'order-1', telegram_payment_charge_id: paid.telegram_payment_charge_id });
  });

  it('tells the person why the bot refuses, that it kept silent, and that the bank declined', async () => {
    const { sim, api, token, next } = await shop();
    const link = (await api(token, 'createInvoiceLink', INVOICE)).body.result as string;
    const refused = sim('pay', { token, from: ANN, invoice_link: link });
    const { id } = await next('pre_checkout_query');
    const answer = { pre_checkout_query_id: id, ok: false, error_message: 'sold out' };
    expect((await api(token, 'answerPreCheckoutQuery', answer)).body.ok).toBe(true);
    expect(await refused).toEqual({ status: 'refused', error_message: 'sold out' });
    expect((await api(token, 'answerPreCheckoutQuery', answer)).body.description).toContain('query is too old');

    expect(await sim('pay', { token, from: ANN, invoice_link: link, wait: 0.05 })).toEqual({ status: 'timeout' });
    await next('pre_checkout_query');
    const declined = sim('pay', { token, from: ANN, invoice_link: link, decline: true });
    await api(token, 'answerPreCheckoutQuery', { pre_checkout_query_id: (await next('pre_checkout_query')).id, ok: true });
    expect(await declined).toEqual({ status: 'declined' });
  });

  it('asks for shipping when the price depends on it', async () => {
    const { sim, api, token, next } = await shop();
    const { body } = await api(token, 'sendInvoice', { ...INVOICE, currency: 'EUR', provider_token: 'p', is_flexible: true });
    const paying = sim('pay', { token, from: ANN, invoice_message_id: body.result.message_id });
    const shipping = await next('shipping_query');
    await api(token, 'answerShippingQuery', { shipping_query_id: shipping.id, ok: true, shipping_options: [{ id: 'post', title: 'Post', prices: [{ label: 'Post', amount: 3 }] }] });
    const query = await next('pre_checkout_query');
    expect(query).toMatchObject({ total_amount: 8, shipping_option_id: 'post' });
    await api(token, 'answerPreCheckoutQuery', { pre_checkout_query_id: query.id, ok: true });
    expect((await paying).status).toBe('paid');
  });

  it('refuses invoices that Telegram refuses', async () => {
    const { api, token } = await shop();
    const rows: [object, string][] = [
      [{ prices: [{ label: 'a', amount: 1 }, { label: 'b', amount: 1 }] }, 'STARS_INVOICE_INVALID'], [{ currency: 'EUR' }, 'PAYMENT_PROVIDER_INVALID'],
      [{ payload: '' }, 'INVOICE_PAYLOAD_INVALID'], [{ title: '' }, 'INVOICE_TITLE_INVALID'], [{ prices: [{ label: 'a', amount: 0 }] }, 'CURRENCY_TOTAL_AMOUNT_INVALID'],
    ];
    for (const [change, reason] of rows) expect((await api(token, 'sendInvoice', { ...INVOICE, ...change })).body.description).toBe(`Bad Request: ${reason}`);
  });
});

describe('inline queries and requests to join', () => {
  it('takes the answer to a query that a test wrote as an update, once', async () => {
    const { sim, api, token } = await shop();
    await sim('updates', { token, update: { inline_query: { id: '77', from: ANN, query: 'cof', offset: '' } } });
    expect((await api(token, 'answerInlineQuery', { inline_query_id: '77', results: '[]' })).body.result).toBe(true);
    expect((await api(token, 'answerInlineQuery', { inline_query_id: '77', results: [] })).status).toBe(400);
    expect((await api(token, 'answerInlineQuery', { inline_query_id: '78', results: [] })).status).toBe(400);
  });

  it('lets an administrator decide who comes in', async () => {
    const { sim, get, api, token, next } = await shop();
    const chat = (await sim('chats', { type: 'supergroup', title: 'Club', bots: [{ token, status: 'administrator' }] })).id;
    const asked = await sim('join', { token, from: ANN, chat, query: true });
    expect(await next('chat_join_request')).toMatchObject({ chat: { id: chat }, from: { id: ANN.id }, user_chat_id: ANN.id, query_id: asked.query_id });
    expect((await api(token, 'approveChatJoinRequest', { chat_id: chat, user_id: ANN.id })).body.result).toBe(true);
    expect((await get(`chats/${token}/${chat}/messages`)).messages.at(-1).new_chat_members[0].id).toBe(ANN.id);
    expect((await api(token, 'declineChatJoinRequest', { chat_id: chat, user_id: ANN.id })).body.description).toBe('Bad Request: HIDE_REQUESTER_MISSING');
  });

  it('shows the bot\'s own reactions', async () => {
    const { sim, get, api, token } = await shop();
    const { message_id } = await sim('messages', { token, from: ANN, text: 'nice' });
    await api(token, 'setMessageReaction', { chat_id: ANN.id, message_id, reaction: [{ type: 'emoji', emoji: '👍' }] });
    const { events } = await get(`chats/${token}/${ANN.id}/events`);
    expect(events.at(-1)).toMatchObject({ kind: 'reaction', message_id, from: { is_bot: true } });
  });
});
