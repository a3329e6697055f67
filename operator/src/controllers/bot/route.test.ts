import type { RouteRecord } from '@botplane/contracts';
import { describe, expect, it } from 'vitest';
import { deriveWebhookSecret, makeRoute, makeTombstone, planFlip, usedSeqOf } from './route.ts';

const wanted = (revision = 'b-2', superseded: string[] = ['b-1']) => makeRoute({
  botId: 'shop_b', uid: 'u1', decision: { state: 'Serving', revision, candidate: undefined, superseded: superseded.map((name) => ({ revision: name, since: '' })) },
  revHashes: new Map([['b-1', 'h1'], ['b-2', 'h2']]), runtimes: new Map([['b-1', 'sys_default'], ['b-2', 'sys_default']]), stateKey: 'chat_user', webhookSecret: 's', telegram: { id: 7, username: 'b_bot' },
});
const routed = (routeSeq: number, revision = 'b-2', superseded?: string[]): RouteRecord => ({ ...wanted(revision, superseded), routeSeq });
const recorded = (routeSeq: number, revision: string | undefined = 'b-2', superseded = ['b-1']) => ({ routeSeq, revision, candidate: undefined, state: 'Serving', superseded });

describe('planFlip', () => {
  it('does nothing when status and route say what is wanted', () => {
    expect(planFlip(recorded(4), routed(4), wanted())).toEqual({ kind: 'none', routeSeq: 4 });
  });

  it('decides with the next number when another revision is wanted', () => {
    expect(planFlip(recorded(4, 'b-1', []), routed(4, 'b-1', []), wanted())).toEqual({ kind: 'decide', routeSeq: 5 });
  });

  it('[P7] finishes a flip that was recorded but not routed, under the same number', () => {
    expect(planFlip(recorded(5), routed(4, 'b-1', []), wanted())).toEqual({ kind: 'put', routeSeq: 5 });
  });

  it('puts a lost route again from status', () => {
    expect(planFlip(recorded(5), undefined, wanted())).toEqual({ kind: 'put', routeSeq: 5 });
  });

  it('never chooses a lower number than the route has', () => {
    expect(planFlip(recorded(2, 'b-1', []), routed(9, 'b-1', []), wanted())).toEqual({ kind: 'decide', routeSeq: 10 });
    expect(planFlip(recorded(2), routed(9, 'b-1', []), wanted())).toEqual({ kind: 'decide', routeSeq: 10 });
  });

  it('decides anew when what is routed differs in anything else, such as the runtime', () => {
    expect(planFlip(recorded(4), { ...routed(4), telegram: { id: 7, username: 'renamed_bot' } }, wanted())).toEqual({ kind: 'decide', routeSeq: 5 });
  });

  it('[P7] begins above what a Bot may have used whose route and status are lost, and above its predecessor', () => {
    const lost = { routeSeq: 0, revision: undefined, candidate: undefined, state: undefined, superseded: [] };
    expect(planFlip(lost, undefined, wanted(), usedSeqOf({ createdMs: 0, formerSeq: 0, wasRouted: false }, 150_000))).toEqual({ kind: 'decide', routeSeq: 121 });
    expect(planFlip(lost, undefined, wanted(), usedSeqOf({ createdMs: 0, formerSeq: 7, wasRouted: false }, 30_000))).toEqual({ kind: 'decide', routeSeq: 8 });
    expect(usedSeqOf({ createdMs: 0, formerSeq: 0, wasRouted: true }, 30_000)).toBe(60);
    expect(usedSeqOf({ createdMs: 1_000, formerSeq: 0, wasRouted: false }, 0)).toBe(0);
  });

  it('begins at 1', () => {
    expect(planFlip({ routeSeq: 0, revision: undefined, candidate: undefined, state: undefined, superseded: [] }, undefined, wanted())).toEqual({ kind: 'decide', routeSeq: 1 });
  });
});

it('[P9] tells pollers what to ask for, and says nothing of it for a bot with a webhook', () => {
  const polled = { ...wanted(), updates: 'Polling', allowedUpdates: ['message'] };
  expect(makeRoute({
    botId: 'shop_b', uid: 'u1', decision: { state: 'Serving', revision: 'b-2', candidate: undefined, superseded: [{ revision: 'b-1', since: '' }] },
    revHashes: new Map([['b-1', 'h1'], ['b-2', 'h2']]), runtimes: new Map([['b-1', 'sys_default'], ['b-2', 'sys_default']]), stateKey: 'chat_user', webhookSecret: 's', telegram: { id: 7, username: 'b_bot' }, polledUpdates: ['message'],
  })).toEqual(polled);
  expect(planFlip(recorded(4), routed(4), polled as ReturnType<typeof wanted>)).toEqual({ kind: 'decide', routeSeq: 5 });
  expect(wanted()).not.toHaveProperty('updates');
});

it('routes all traffic to one revision and lists the superseded ones', () => {
  expect(wanted()).toMatchObject({ split: [{ revision: 'b-2', weight: 100 }], revisions: { 'b-1': { revHash: 'h1', runtime: 'sys_default' }, 'b-2': { revHash: 'h2', runtime: 'sys_default' } } });
});

it('[P7] splits between stable and canary, and keeps one at 0 % out of the route', () => {
  const split = (weight: number) => makeRoute({
    botId: 'shop_b', uid: 'u1', decision: { state: 'Serving', revision: 'b-1', candidate: { revision: 'b-2', weight, step: 0, stepStartedAt: '', stepsHash: '' }, superseded: [] },
    revHashes: new Map([['b-1', 'h1'], ['b-2', 'h2']]), runtimes: new Map([['b-1', 'sys_default'], ['b-2', 'sys_default']]), stateKey: 'chat_user', webhookSecret: 's', telegram: { id: 7, username: 'b_bot' },
  });
  expect(split(0)).toMatchObject({ split: [{ revision: 'b-1', weight: 100 }], revisions: { 'b-1': {} } });
  expect(Object.keys(split(0).revisions)).toEqual(['b-1']);
  expect(split(10)).toMatchObject({ split: [{ revision: 'b-1', weight: 90 }, { revision: 'b-2', weight: 10 }], revisions: { 'b-1': {}, 'b-2': {} } });
  const at = (weight: number) => ({ routeSeq: 4, revision: 'b-1', candidate: { revision: 'b-2', weight }, state: 'Serving', superseded: [] });
  expect(planFlip(at(10), { ...split(10), routeSeq: 4 }, split(10))).toEqual({ kind: 'none', routeSeq: 4 });
  expect(planFlip(at(10), { ...split(10), routeSeq: 4 }, split(50))).toEqual({ kind: 'decide', routeSeq: 5 });
  expect(planFlip(at(50), { ...split(10), routeSeq: 3 }, split(50))).toEqual({ kind: 'put', routeSeq: 4 });
});

it('derives a webhook secret that Telegram accepts and that differs for a Bot made anew', () => {
  const key = new Uint8Array(32);
  expect(deriveWebhookSecret(key, 'u1', 'shop_b')).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
  expect(deriveWebhookSecret(key, 'u1', 'shop_b')).not.toBe(deriveWebhookSecret(key, 'u2', 'shop_b'));
});

it('buries a route under the next number', () => {
  expect(makeTombstone(routed(4))).toMatchObject({ routeSeq: 5, state: 'Deleted', split: [], revisions: {}, uid: 'u1' });
});
