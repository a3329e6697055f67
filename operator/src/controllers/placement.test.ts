import type { BotRevision } from '@botplane/k8s';
import { describe, expect, it } from 'vitest';
import { done, failed, waiting } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import { choosePool, placeOf, routedPool, unloadedAt } from './placement.ts';
import type { PoolView, Unloaded } from './placement.ts';

const OPEN = done('Ready', '');
const MISSING = waiting('RuntimeNotFound', 'BotRuntime new does not exist');
const FORBIDDEN = failed('RuntimeNotAllowed', 'BotRuntime t/new takes only Bots of its own namespace', 60_000);
const pool = (key: string, access: Outcome = OPEN, readyPods = 1, unloaded: Unloaded[] = []): PoolView => ({ key, access, readyPods, unloaded });
const unloaded = (name: string, cause?: Unloaded['cause']): Unloaded => ({ name, cause });
const FULL = { reason: 'NoCapacity', message: 'no room' } as const;
const revision = (isolation: 'Pooled' | 'Dedicated', name = 'b-1', runtime?: string, more: { metadata?: object; conditions?: object[] } = {}): BotRevision =>
  ({ metadata: { name, namespace: 'shop', ...more.metadata }, spec: { isolation }, status: { runtime, conditions: more.conditions } }) as BotRevision;

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
    ['has not loaded what is routed', pool('t_new', OPEN, 1, [unloaded('b-1'), unloaded('b-2')]), { state: 'waiting', reason: 'Progressing', message: 'BotRuntime t/new has not loaded b-1 and b-2 yet; until then the bot stays on t/old' }, true],
    ['cannot load what is routed', pool('t_new', OPEN, 1, [unloaded('b-1'), unloaded('b-2', FULL)]), { state: 'waiting', reason: 'NoCapacity', message: 'BotRuntime t/new has not loaded b-1 and b-2 yet (no room); until then the bot stays on t/old' }, true],
  ])('stays while the new one %s', (_why, wanted, outcome, isDedicatedOpen) => {
    expect(choosePool(wanted, pool('t_old'))).toMatchObject({ key: 't_old', isOpen: true, isDedicatedOpen, outcome });
    expect(choosePool(wanted, pool('t_old', FORBIDDEN))).toMatchObject({ key: 't_old', isOpen: false });
  });

  it.each([
    ['loaded what is routed', pool('t_new'), pool('t_old')],
    ['a ready pod, and the old one has none', pool('t_new', OPEN, 1, [unloaded('b-1')]), pool('t_old', FORBIDDEN, 0)],
  ])('changes once the new one has %s', (_what, wanted, current) => {
    expect(choosePool(wanted, current)).toEqual({ key: 't_new', isOpen: true, isDedicatedOpen: true, outcome: OPEN });
  });

  it('has not loaded the Pooled revisions that share the chats and were last loaded elsewhere', () => {
    const split = ['b-1', 'b-2', 'b-3', 'gone'].map((name) => ({ revision: name, weight: 25 }));
    const revisions = [revision('Pooled', 'b-1', 't_old'), revision('Pooled', 'b-2', 't_new'), revision('Dedicated', 'b-3', 'shop_Dedicated.b-3'), revision('Pooled', 'b-0', 't_old')];
    expect(unloadedAt('t_new', { split } as never, revisions)).toEqual([unloaded('b-1')]);
    expect(unloadedAt('t_new', undefined, revisions)).toEqual([]);
  });

  it.each([['Moved', 'Loaded'], ['Loaded', 'Moved']])('says why it has not loaded a revision: its %s is False', (type, other) => {
    const conditions = [{ type: other, status: 'True', reason: 'Loaded', message: '' }, { type, status: 'False', ...FULL }];
    expect(unloadedAt('t_new', { split: [{ revision: 'b-1', weight: 100 }] } as never, [revision('Pooled', 'b-1', 't_old', { conditions })])).toEqual([unloaded('b-1', FULL)]);
  });

  it.each([
    ['is being deleted', revision('Pooled', 'b-1', 't_old', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })],
    ['the operator is to leave alone', revision('Pooled', 'b-1', 't_old', { metadata: { annotations: { 'botplane.dev/reconcile': 'disabled' } } })],
    ['no pod is known to have loaded', revision('Pooled', 'b-1')],
  ])('waits for no revision that %s: nobody is going to load it', (_which, one) => {
    expect(unloadedAt('t_new', { split: [{ revision: 'b-1', weight: 100 }] } as never, [one])).toEqual([]);
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
