import { bundleKey } from '@botplane/botspec';
import type { Bot, BotRevision } from '@botplane/k8s';
import { expect, it } from 'vitest';
import { BUNDLE_UNUSED_MS_MIN } from '../limits.ts';
import { BundleSweep } from './bundle-sweep.ts';

const NOW_MS = 10 * BUNDLE_UNUSED_MS_MIN;
const digest = (letter: string): string => letter.repeat(64);
const source = (letter: string) => ({ source: { bundleRef: { digest: digest(letter) } } });

function setup(modifiedMs: Record<string, number>, refuse?: string) {
  const left = new Map(Object.entries(modifiedMs).map(([letter, ms]) => [bundleKey(digest(letter)), ms]));
  const sut = new BundleSweep({
    artefacts: {
      list: async function* () { for (const [key, ms] of left) yield { key, modifiedMs: ms }; },
      remove: async (key) => {
        if (key === refuse) throw new Error('not the leader any more');
        left.delete(key);
      },
    },
    bots: { list: () => [{ metadata: { name: 'b' }, spec: { template: { spec: source('a') } } } as unknown as Bot] },
    revisions: { list: () => [{ metadata: { name: 'r' }, spec: source('b') } as unknown as BotRevision] },
    log: { info: () => undefined, warn: () => undefined },
    nowMs: () => NOW_MS,
  });
  return { sut, left };
}

it('removes bundles that no Bot and no revision names, once they are a week old', async () => {
  const { sut, left } = setup({ a: 0, b: 0, c: 0, d: NOW_MS - BUNDLE_UNUSED_MS_MIN + 1 });
  await sut.sweep();
  expect([...left.keys()]).toEqual([bundleKey(digest('a')), bundleKey(digest('b')), bundleKey(digest('d'))]);
});

it('removes nothing that it may not', async () => {
  const { sut, left } = setup({ c: 0 }, bundleKey(digest('c')));
  await expect(sut.sweep()).rejects.toThrow('not the leader');
  expect(left.size).toBe(1);
});
