import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UPDATE_AGE_MS_MAX } from '../limits.ts';
import { BotAccount } from './bot-account.ts';
import type { WebhookAnswer } from './ports.ts';
import { memoryJournal } from './memory-journal.ts';
import { postUpdate } from './post-update.ts';
import { WebhookSender } from './webhook-sender.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const answer = (status: number, retryAfter?: string): WebhookAnswer => ({ status, statusText: '', retryAfter, body: '' });

function setup(answers: (text: string) => Promise<WebhookAnswer>) {
  const sent: string[] = [];
  const account = new BotAccount({ token: 't', id: 1, username: 'a_bot', firstName: 'A', privacy: true }, memoryJournal(), Date.now());
  const post = async (_url: string, _secret: string | null, body: string): Promise<WebhookAnswer> => {
    const { text } = (JSON.parse(body) as { message: { text: string } }).message;
    sent.push(text);
    return answers(text);
  };
  const meter = { called: () => undefined, delivered: () => undefined };
  const sender = new WebhookSender(account, { post }, meter, Date.now, () => undefined);
  account.onUpdate = (record) => sender.enqueue(record);
  account.commit({
    t: 'webhook',
    webhook: { url: 'http://x', secretToken: null, maxConnections: 40, ipAddress: null, hasCertificate: false, lastErrorDate: null, lastErrorMessage: null },
  });
  const say = (text: string, chat = 1): void => void postUpdate(account, 'message', { message_id: 1, text, chat: { id: chat } }, Date.now());
  return { account, sender, sent, say };
}

describe('an update that cannot be delivered', () => {
  it('is dropped after a day, and the next one of its chat has its turn', async () => {
    const { account, sent, say } = setup((text) => Promise.resolve(answer(text === 'bad' ? 500 : 200)));
    say('bad');
    say('good');
    await vi.advanceTimersByTimeAsync(UPDATE_AGE_MS_MAX - 60_000);
    say('later');
    expect(sent).not.toContain('good');
    await vi.advanceTimersByTimeAsync(300_000);
    // "good" is as old as "bad"; only what came later is still worth sending.
    expect(sent.at(-1)).toBe('later');
    expect(account.pending.size).toBe(0);
  });

  it('is tried again less and less often', async () => {
    const { sent, say } = setup(() => Promise.resolve(answer(500)));
    say('x');
    await vi.advanceTimersByTimeAsync(100);
    expect(sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2_000 + 4_000 + 8_000);
    expect(sent).toHaveLength(5);
  });
});

it('after a reset takes no notice of a request that was under way', async () => {
  const gates: ((result: WebhookAnswer) => void)[] = [];
  const { account, sender, say } = setup(() => new Promise((resolve) => gates.push(resolve)));
  say('old');
  await vi.advanceTimersByTimeAsync(1);
  sender.reset();
  account.commit({ t: 'reset' });
  gates[0]?.(answer(410));
  await vi.advanceTimersByTimeAsync(1);
  expect(account.deliveries.after(0, 9)).toEqual([]);
  expect(account.settled.size).toBe(0);
});
