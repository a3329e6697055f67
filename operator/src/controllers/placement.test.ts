import type { BotRevision } from '@botplane/k8s';
import { describe, expect, it } from 'vitest';
import { done, failed, waiting } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import { choosePool, placeOf, routedPool } from './placement.ts';
import type { PoolView } from './placement.ts';

const OPEN = done('Ready', '');
const MISSING = waiting('RuntimeNotFound', 'BotRuntime new does not exist');
const FORBIDDEN = failed('RuntimeNotAllowed', 'BotRuntime t/new takes only Bots of its own namespace', 60_000);
const pool = (key: string, access: Outcome = OPEN, readyPods = 1): PoolView => ({ key, access, readyPods });
const revision = (isolation: 'Pooled' | 'Dedicated'): BotRevision => ({ metadata: { name: 'b-1', namespace: 'shop' }, spec: { isolation } }) as BotRevision;

describe('the pool of a Bot', () => {
  it('of which nothing is routed is the one that it names, also while no pod is ready there', () => {
    expect(choosePool(pool('t_new', OPEN, 0), undefined)).toEqual({ key: 't_new', isOpen: true, isDedicatedOpen: true, outcome: OPEN });
  });

  it.each([['does not exist', MISSING], ['takes none of its namespace', FORBIDDEN]])('is none while the one that it names %s', (_why, access) => {
    expect(choosePool(pool('t_new', access), undefined)).toEqual({ key: undefined, isOpen: false, isDedicatedOpen: false, outcome: access });
  });

  it.each([
    ['does not exist', pool('t_new', MISSING), { state: 'waiting', reason: 'RuntimeNotFound', message: 'BotRuntime new does not exist; until then the bot stays on t/old' }, false],
    ['takes none of its namespace', pool('t_new', FORBIDDEN), { state: 'failed', reason: 'RuntimeNotAllowed', recheckMs: 60_000 }, false],
    ['has no ready pod', pool('t_new', OPEN, 0), { state: 'waiting', reason: 'NoCapacity', message: 'BotRuntime t/new has no ready pod; until then the bot stays on t/old' }, true],
  ])('stays while the new one %s', (_why, wanted, outcome, isDedicatedOpen) => {
    expect(choosePool(wanted, pool('t_old'))).toMatchObject({ key: 't_old', isOpen: true, isDedicatedOpen, outcome });
    expect(choosePool(wanted, pool('t_old', FORBIDDEN))).toMatchObject({ key: 't_old', isOpen: false });
  });

  it('changes once the new one has a ready pod', () => {
    expect(choosePool(pool('t_new'), pool('t_old', FORBIDDEN, 0))).toEqual({ key: 't_new', isOpen: true, isDedicatedOpen: true, outcome: OPEN });
  });

  it('that takes its namespace no more keeps it, gets nothing new, and says so', () => {
    const chosen = choosePool(pool('t_new', FORBIDDEN), pool('t_new', FORBIDDEN));
    expect(chosen).toMatchObject({ key: 't_new', isOpen: false, isDedicatedOpen: false, outcome: { state: 'failed', reason: 'RuntimeNotAllowed', message: expect.stringContaining('what it runs there goes on') as string } });
    for (const isolation of ['Pooled', 'Dedicated'] as const) {
      expect(placeOf(revision(isolation), chosen, undefined)).toBeUndefined();
      expect(placeOf(revision(isolation), chosen, 'somewhere')).toBe(isolation === 'Pooled' ? 't_new' : 'shop_Dedicated.b-1');
    }
  });

  it('is the one of the Pooled revisions that its route names', () => {
    const route = (...runtimes: string[]) => ({ revisions: Object.fromEntries(runtimes.map((runtime, index) => [`b-${index}`, { revHash: 'h', runtime }])) }) as never;
    expect(routedPool(route('shop_Dedicated.b-0', 't_old'))).toEqual({ key: 't_old', ref: { namespace: 't', name: 'old' } });
    expect(routedPool(route('shop_Dedicated.b-0'))).toBeUndefined();
    expect(routedPool(undefined)).toBeUndefined();
  });
});
