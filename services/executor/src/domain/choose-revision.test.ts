import type { RouteRecord } from '@botplane/contracts';
import { describe, expect, it } from 'vitest';
import { planRedirect, planRun, routedRevision } from './choose-revision.ts';

const route = (weight: number, revisions = ['old', 'new']): RouteRecord => ({
  v: 1, botId: 'ns_bot', uid: 'u', routeSeq: 1, state: 'Serving', stateKey: 'chat_user', webhookSecretSha256: '', telegram: { id: 1, username: 'b' },
  split: weight === 0 ? [{ revision: 'old', weight: 100 }] : [{ revision: 'old', weight: 100 - weight }, { revision: 'new', weight }],
  revisions: Object.fromEntries(revisions.map((name) => [name, { revHash: name, runtime: 'pool' }])),
});
const chats = Array.from({ length: 2_000 }, (_, n) => `c${n}`);
const onNew = (weight: number): string[] => chats.filter((chat) => routedRevision(route(weight), chat) === 'new');

describe('routedRevision', () => {
  it('gives the candidate its share, always of the same chats, and a higher weight only adds', () => {
    expect(onNew(0)).toEqual([]);
    expect(onNew(25).length).toBeGreaterThan(400);
    expect(onNew(25).length).toBeLessThan(600);
    expect(onNew(25)).toEqual(onNew(25));
    expect(onNew(25).every((chat) => onNew(50).includes(chat))).toBe(true);
    expect(onNew(100)).toEqual(chats);
  });
});

describe('planRun', () => {
  it.each([
    ['nothing runs', {}, { revision: 'old', conversation: 'own', routed: true }],
    ['the routed revision holds the conversation', { conversation: { revision: 'old' } }, { revision: 'old', conversation: 'own', routed: true }],
    ['another that serves holds it', { conversation: { revision: 'new' } }, { revision: 'old', conversation: 'elsewhere', routed: true }],
    ['one that serves no more held it', { conversation: { revision: 'gone' } }, { revision: 'old', conversation: 'moved', routed: true }],
  ] as const)('when %s', (_name, state, plan) => {
    expect(planRun(route(0), 'c1', state)).toEqual(plan);
  });

  it('has no plan for a route that does not list its own split', () => {
    expect(planRun(route(0, ['new']), 'c1', {})).toBeUndefined();
  });
});

describe('planRedirect', () => {
  const state = { conversation: { revision: 'new' } };

  it('hands what starts nothing new to the revision of the conversation, which has the last word', () => {
    const own = planRedirect(state, { revision: 'old', conversation: 'elsewhere', routed: true }, 'conversation');
    expect(own).toEqual({ revision: 'new', conversation: 'own', routed: false });
    expect(planRedirect(state, own ?? expect.unreachable(), 'routed')).toEqual({ revision: 'new', conversation: 'own', routed: true });
  });

  it('refuses a redirect to where the update already is', () => {
    expect(planRedirect({}, { revision: 'old', conversation: 'own', routed: true }, 'routed')).toBeUndefined();
    expect(planRedirect(state, { revision: 'new', conversation: 'own', routed: false }, 'conversation')).toBeUndefined();
  });
});
