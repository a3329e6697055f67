import type { RouteRecord } from '@botplane/contracts';
import { AppError, ErrorCode } from '@botplane/kit';
import { describe, expect, it } from 'vitest';
import { UPDATE_BYTES_MAX } from '../limits.ts';
import { PollBot } from './poll-bot.ts';
import type { PollAnswer, PollRequest } from './ports.ts';

const route: RouteRecord = {
  v: 1, botId: 'shop_bot', uid: 'u', routeSeq: 1, state: 'Serving', split: [], revisions: {}, stateKey: 'chat_user', webhookSecretSha256: '', telegram: { id: 1, username: 'b' }, updates: 'Polling', allowedUpdates: ['message'],
};

const update = (updateId: number, chat: number, text = 'hi') => ({ updateId, body: Buffer.from(JSON.stringify({ update_id: updateId, message: { chat: { id: chat }, from: { id: chat }, text } })) });
const batch = (...updates: ReturnType<typeof update>[]): PollAnswer => ({ kind: 'updates', updates });

/** Runs a poller through the given answers; `fails` names updates whose first store fails. */
async function run(answers: PollAnswer[], fails: number[] = []) {
  const stop = new AbortController();
  const failing = new Set(fails);
  const requests: PollRequest[] = [];
  const stored: number[] = [];
  const refused: string[] = [];
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const bot = new PollBot('shop_bot', {
    routes: { find: () => route, all: () => [route] },
    tokens: { find: () => ({ token: 't', apiRoot: 'http://x' }) },
    source: {
      poll: (_target, request) => {
        requests.push(request);
        const answer = answers[requests.length - 1];
        if (!answer) stop.abort();
        return Promise.resolve(answer ?? batch());
      },
    },
    log: {
      append: async ({ updateId }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (failing.delete(updateId)) throw new AppError(ErrorCode.StoreUnavailable, 'away');
        stored.push(updateId);
        return 'stored';
      },
    },
    metrics: { polled: () => undefined, accepted: () => undefined, refused: (reason) => refused.push(reason) },
    logger: silent,
  });
  await bot.run(stop.signal);
  return { offsets: requests.map(({ offset }) => offset), stored, refused, allowedUpdates: requests[0]?.allowedUpdates };
}

describe('[P9] PollBot', () => {
  it('confirms a batch with the next request, and only then', async () => {
    const { offsets, stored, allowedUpdates } = await run([batch(update(7, 1), update(8, 2)), batch(), batch(update(9, 1))]);
    expect(offsets).toEqual([undefined, 9, 9, 10]);
    expect(stored.toSorted((a, b) => a - b)).toEqual([7, 8, 9]);
    expect(allowedUpdates).toEqual(['message']);
  });

  it('stores nothing of a chat behind what could not be stored, confirms nothing of the batch, and stores the rest when it comes again', async () => {
    const first = batch(update(1, 5), update(2, 5), update(3, 5), update(4, 6));
    const { offsets, stored } = await run([first, first], [2]);
    expect(offsets).toEqual([undefined, undefined, 5]);
    expect(stored.filter((id) => id !== 4)).toEqual([1, 2, 3]);
    expect(stored.filter((id) => id === 4)).toEqual([4]);
  });

  it.each<[string, PollAnswer]>([
    ['a conflict', { kind: 'conflict', description: '409' }],
    ['an outage', { kind: 'failed', description: '502' }],
    ['a wait that Telegram asks for', { kind: 'wait', forMs: 5 }],
  ])('goes on after %s where it was', async (_name, trouble) => {
    const { offsets, stored } = await run([batch(update(1, 5)), trouble, batch(update(2, 5))]);
    expect(offsets).toEqual([undefined, 2, 2, 3]);
    expect(stored).toEqual([1, 2]);
  });

  it('is not held up by what can never be stored', async () => {
    const { offsets, stored, refused } = await run([batch({ updateId: 1, body: Buffer.from('{"update_id":1}') }, update(2, 5, 'x'.repeat(UPDATE_BYTES_MAX)), update(3, 5))]);
    expect(offsets).toEqual([undefined, 4]);
    expect([stored, refused]).toEqual([[3], ['not_an_update', 'too_large']]);
  });
});
