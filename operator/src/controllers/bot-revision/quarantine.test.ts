import type { BotRevision } from '@botplane/k8s';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { QUARANTINE_POLL_MS, QUARANTINE_POLL_MS_MAX } from '../../limits.ts';
import { Quarantine } from './quarantine.ts';

const found = { bot_id: 'ns_shop', rev_hash: 'ab', cause: 'too slow' };
const revision = { metadata: { name: 'shop-1', uid: 'u1' } } as BotRevision;

const asked: string[] = [];
const told: string[] = [];
let answers: Record<string, (typeof found)[] | undefined> = {};
let addresses: string[] = [];
let quarantine: Quarantine;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  [asked, told].forEach((list) => list.splice(0));
  quarantine = new Quarantine({
    addresses: () => addresses,
    ask: (address) => {
      asked.push(address);
      return Promise.resolve(answers[address]);
    },
    find: (botId, revHash) => (botId === 'ns_shop' && revHash === 'ab' ? revision : undefined),
    onFound: ({ metadata }) => told.push(metadata.name),
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
});
afterEach(() => vi.useRealTimers());

it('[P9] tells once of a revision that some pod has in quarantine, and remembers why', async () => {
  addresses = ['a', 'b'];
  answers = { a: [], b: [found, { ...found, rev_hash: 'unknown' }] };
  await quarantine.askAll();
  await quarantine.askAll();
  expect([told, quarantine.causeOf('u1'), quarantine.causeOf('u2')]).toEqual([['shop-1'], 'too slow', undefined]);
});

it('leaves a pod that does not answer alone for longer and longer, and asks the others as before', async () => {
  addresses = ['a', 'b'];
  answers = { a: [] };
  for (let ms = 0; ms < 10 * QUARANTINE_POLL_MS_MAX; ms += QUARANTINE_POLL_MS) {
    await quarantine.askAll();
    vi.advanceTimersByTime(QUARANTINE_POLL_MS);
  }
  const [toA, toB] = ['a', 'b'].map((address) => asked.filter((other) => other === address).length);
  expect(toA).toBe((10 * QUARANTINE_POLL_MS_MAX) / QUARANTINE_POLL_MS);
  expect(toB).toBeLessThan(20);
  answers = { a: [], b: [found] };
  vi.advanceTimersByTime(QUARANTINE_POLL_MS_MAX);
  await quarantine.askAll();
  expect(told).toEqual(['shop-1']);
});
