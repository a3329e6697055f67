import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Environment } from '../src/environment.ts';
import { localEnvironment } from '../src/local-cli.ts';
import { manifests } from '../src/manifests.ts';
import { newUserId } from '../src/simulator.ts';
import type { Person } from '../src/simulator.ts';

/** Answers the n-th message with `n text`: what is lost, doubled or out of order shows. */
const counter = {
  meta: { name: 'Counter', locales: ['en'], defaultLocale: 'en' },
  errorText: 'Not today.',
  state: { told: { type: 'integer', default: 0 }, last: { type: 'string' } },
  commands: [{ command: 'start', description: 'Start', flow: 'count' }],
  flows: { count: { steps: [{ id: 'more', ask: { text: '{{state.told}} {{state.last}}', save: 'last' } }, { save: { told: '= state.told + 1' } }, { goto: 'more' }] } },
};

const INVOICE = { title: 'Coffee', description: 'A bag', payload: 'order-1', currency: 'XTR', prices: [{ label: 'Bag', amount: 5 }] };
/** So many talk, since one chat gets no more than a message a second after a burst. */
const PEOPLE = 8;
const PAUSE_MS = 30;

describe('[P9] a bot with updates: Polling', () => {
  let env: Environment;
  let token: string;
  let people: Person[];
  let told = 0;

  async function setUpdates(updates: 'Polling' | 'Webhook'): Promise<void> {
    await env.kubectl(['patch', 'bot', 'poller', '--type=merge', '-p', JSON.stringify({ spec: { updates } })]);
  }

  async function isTaken(updates: 'Polling' | 'Webhook'): Promise<void> {
    const url = async (): Promise<string> => (await env.simulator.webhook(token)).url;
    if (updates === 'Polling') await expect.poll(url).toBe('');
    else await expect.poll(url).toContain('/wh/default_poller');
    await env.waitFor('bot/poller', 'Ready', 20);
  }

  /** Everybody says so many words in turn while something happens, and hears each counted once and in order. */
  async function talk(count: number, meanwhile: () => Promise<void>): Promise<void> {
    const from = told + 1;
    const words = Array.from({ length: count }, (_none, n) => `${from + n} word-${from + n}`);
    told += count;
    const change = meanwhile();
    for (const word of words) {
      for (const person of people) {
        await person.say(word.split(' ')[1] ?? '');
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
    await change;
    for (const person of people) {
      const heard: string[] = [];
      while (heard.length < count) heard.push(await person.hearsText());
      expect(heard).toEqual(words);
    }
  }

  beforeAll(async () => {
    env = new Environment();
    ({ token } = await env.simulator.makeBot('poller'));
    await env.kubectl(['apply', '-f', '-'], manifests('poller', token, counter, { updates: 'Polling' }));
    await env.waitFor('bot/poller', 'Ready', 30);
    const first = newUserId();
    people = Array.from({ length: PEOPLE }, (_none, n) => env.simulator.person(token, { id: first + n, first_name: `Pia ${n}`, language_code: 'en' }));
  });

  afterAll(async () => {
    await env.kubectl(['delete', 'bot/poller', 'secret/poller', '--timeout=60s']);
  });

  it('answers without a webhook, and says why there is none', async () => {
    for (const person of people) await person.say('/start');
    for (const person of people) expect(await person.hearsText()).toBe('0');
    await talk(2, () => Promise.resolve());
    const bot = await env.getJson<{ status: { conditions: { type: string; status: string; reason: string }[] } }>('bot/poller');
    expect(bot.status.conditions.find(({ type }) => type === 'WebhookRegistered')).toMatchObject({ status: 'False', reason: 'PollingInstead' });
    expect((await env.simulator.webhook(token)).url).toBe('');
  });

  it.each(['Webhook', 'Polling'] as const)('is switched to %s while people talk: nothing is lost, doubled or out of order', async (updates) => {
    await talk(6, async () => {
      await setUpdates(updates);
      await isTaken(updates);
    });
    await talk(1, () => Promise.resolve());
  });

  it('goes on when ingress and NATS are restarted while people talk', async () => {
    await talk(6, async () => {
      await localEnvironment(['restart', 'ingress']);
      await localEnvironment(['restart', 'nats']);
    });
  });

  it.each(['Polling', 'Webhook'] as const)('refuses a payment with its own words before Telegram gives it up, with %s', async (updates) => {
    await setUpdates(updates);
    await isTaken(updates);
    const [payer] = people as [Person];
    const response = await fetch(`${env.simulator.url}/bot${token}/sendInvoice`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ chat_id: payer.user.id, ...INVOICE }) });
    const { result } = (await response.json()) as { result: { message_id: number } };
    const paid = await env.simulator.post('pay', { token, from: { ...payer.user }, invoice_message_id: result.message_id });
    expect(paid).toEqual({ status: 'refused', error_message: 'Not today.' });
  });
});
