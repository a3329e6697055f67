import { HEADERS, STREAMS, subjects, updateMessageId } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import type { RunningService } from '@botplane/kit';
import { JetPublisher } from '@botplane/nats';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { counting } from './support/guests.ts';
import { BOT, World } from './support/world.ts';

let world: World;
let updateId = 50_000;
beforeAll(async () => {
  world = await World.start(counting);
});
const executors: RunningService[] = [];
afterEach(async () => {
  await Promise.all(executors.splice(0).map((executor) => executor.close()));
});
afterAll(() => world.stop());

const patience = { timeout: 60_000 };
const from = (language: string) => ({ id: 9, is_bot: false, first_name: 'A', language_code: language });

async function start(hostname = 'executor'): Promise<void> {
  executors.push(await world.startExecutor({ HOSTNAME: hostname }));
}

/** What ingress does with an urgent update; returns its id. */
async function ask(kind: string, body: { [field: string]: Json }, botId = BOT): Promise<number> {
  const id = updateId++;
  await new JetPublisher(world.nats.js).publish(subjects.urgent(botId), JSON.stringify({ update_id: id, [kind]: body }), {
    msgId: updateMessageId(botId, id),
    headers: { [HEADERS.orderKey]: 'u9', [HEADERS.stateKey]: 'u9', [HEADERS.kind]: kind, [HEADERS.updateId]: String(id), [HEADERS.acceptedMs]: String(Date.now()) },
  });
  return id;
}

const waiting = async (): Promise<number> => (await world.nats.jsm.streams.info(STREAMS.urgent)).state.messages;

async function callFor(id: number) {
  return (await world.outbound()).filter((call) => call.source.key === `query-${id}`);
}

describe('[P9] the urgent lane', () => {
  it('refuses payments in the person\'s language, finds nothing, and leaves requests to join alone', async () => {
    await start();
    const checkout = await ask('pre_checkout_query', { id: 'q1', from: from('de-AT'), currency: 'XTR', total_amount: 5, invoice_payload: 'p' });
    const shipping = await ask('shipping_query', { id: 'q2', from: from('fr') });
    const inline = await ask('inline_query', { id: 'q3', from: from('en'), query: '', offset: '' });
    const join = await ask('chat_join_request', { query_id: 'q4', from: from('en'), chat: { id: -1 } });
    await expect.poll(waiting, patience).toBe(0);
    const sent = [];
    for (const id of [checkout, shipping, inline, join]) sent.push(...(await callFor(id)).map(({ lane, chat, method, params, msgId }) => ({ lane, chat, method, params, msgId })));
    expect(sent).toEqual([
      { lane: 'reply', chat: null, method: 'answerPreCheckoutQuery', params: { pre_checkout_query_id: 'q1', ok: false, error_message: 'Etwas ging schief.' }, msgId: `${BOT}:urgent:${checkout}` },
      { lane: 'reply', chat: null, method: 'answerShippingQuery', params: { shipping_query_id: 'q2', ok: false, error_message: 'Something went wrong.' }, msgId: `${BOT}:urgent:${shipping}` },
      { lane: 'reply', chat: null, method: 'answerInlineQuery', params: { inline_query_id: 'q3', results: [], cache_time: 0, is_personal: true }, msgId: `${BOT}:urgent:${inline}` },
    ]);
  });

  it('does not wait behind the updates of the same person', async () => {
    await start();
    let free: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (free = resolve));
    world.runtime.guest = async (input) => (await held, counting(input));
    await world.send(world.text(9, 'slow'));
    const id = await ask('pre_checkout_query', { id: 'q5', from: from('en') });
    await expect.poll(async () => (await callFor(id)).length, patience).toBe(1);
    expect(await world.textsTo(9)).toEqual([]);
    free();
    await expect.poll(() => world.textsTo(9), patience).toEqual(['1:slow']);
    world.runtime.guest = counting;
  });

  it('answers each query once with two executors, and those that came while there was none', async () => {
    const ids: number[] = [];
    for (let n = 0; n < 20; n += 1) ids.push(await ask('pre_checkout_query', { id: `w${n}`, from: from('en') }));
    await Promise.all([start('one'), start('two')]);
    for (let n = 0; n < 20; n += 1) ids.push(await ask('pre_checkout_query', { id: `v${n}`, from: from('en') }));
    await expect.poll(waiting, patience).toBe(0);
    for (const id of ids) expect(await callFor(id)).toHaveLength(1);
  });

  it('drops what nobody can answer: of an unknown bot, or no query at all', async () => {
    await start();
    const unknown = await ask('pre_checkout_query', { id: 'x', from: from('en') }, 'default_nobody');
    const broken = await ask('pre_checkout_query', { from: from('en') });
    await expect.poll(waiting, patience).toBe(0);
    expect([...(await callFor(unknown)), ...(await callFor(broken))]).toEqual([]);
  });
});
