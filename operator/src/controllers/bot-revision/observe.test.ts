import type { Bot, BotRevision } from '@botplane/k8s';
import { describe, expect, it } from 'vitest';
import { awaitsPool, dropCode } from './observe.ts';

const bot = { metadata: { name: 'b', namespace: 'shop' }, status: { stableRevision: 'stable', canaryRevision: 'canary', superseded: [{ revision: 'old' }] } } as unknown as Bot;
const work = (name: string, runtime: string | undefined, { isolation = 'Pooled', ready = 'True' } = {}) => ({
  bot, botId: 'shop_b', revision: { metadata: { name, namespace: 'shop' }, spec: { isolation }, status: { runtime, conditions: [{ type: 'Ready', status: ready }] } } as unknown as BotRevision,
});
const deps = { isRouted: (_botId: string, name: string) => name === 'routed' };

describe('a pod that becomes ready', () => {
  it.each(['stable', 'canary', 'old', 'routed'])('concerns a revision in use that was last loaded in another pool (%s)', (name) => {
    expect(awaitsPool(deps, 't_new', work(name, 't_old'))).toBe(true);
  });

  it.each([{ isolation: 'Pooled' }, { isolation: 'Dedicated' }])('concerns a revision that is not proved yet ($isolation)', (what) => {
    expect(awaitsPool(deps, 't_new', work('newer', undefined, { ...what, ready: 'False' }))).toBe(true);
  });

  it.each([
    ['was loaded there', work('stable', 't_new')],
    ['runs in pods of its own', work('stable', 'shop_Dedicated.stable', { isolation: 'Dedicated' })],
    ['is kept for going back only', work('unused', 't_old')],
    ['no pod is known to have loaded', work('stable', undefined)],
  ])('concerns no revision that %s', (_which, one) => {
    expect(awaitsPool(deps, 't_new', one)).toBe(false);
  });
});

describe('code that was loaded', () => {
  it('is given up at once, unless its memory is shared with others', () => {
    const [own, pool] = [new Uint8Array(10_000), new ArrayBuffer(10_000)];
    const shared = new Uint8Array(pool, 100, 10);
    for (const code of [own, shared]) {
      const held = { code: code as Uint8Array<ArrayBuffer> | undefined };
      dropCode(held);
      expect(held.code).toBeUndefined();
    }
    expect([own.byteLength, pool.byteLength]).toEqual([0, 10_000]);
  });
});
