import type { Bot } from '@botplane/k8s';
import { describe, expect, it } from 'vitest';
import { idleMsOf, isSameSpec, makeRevision, revisionNameOf, revisionsToCollect, stateKeyOfSpec } from './desired.ts';

const bot = (spec: Partial<Bot['spec']>): Bot => ({
  apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', metadata: { name: 'echo', namespace: 'shop', uid: 'u1' }, spec: { platform: 'Telegram', tokenSecretRef: { name: 'echo' }, ...spec },
});

describe('makeRevision', () => {
  it('names a revision by what it is made of: botSpec and the long form give the same', () => {
    const botSpec = { meta: { name: 'Echo' } };
    const short = makeRevision(bot({ botSpec }));
    const long = makeRevision(bot({ template: { metadata: { labels: { team: 'a' } }, spec: { source: { botSpec } } } }));
    expect(short.metadata.name).toMatch(/^echo-[0-9a-f]{8}$/);
    expect(long.metadata.name).toBe(short.metadata.name);
    expect(long.metadata.labels).toEqual({ team: 'a', 'botplane.dev/bot': 'echo' });
  });

  it('does not depend on the order of keys', () => {
    expect(revisionNameOf('echo', { source: { botSpec: { a: 1, b: 2 } } })).toBe(revisionNameOf('echo', { source: { botSpec: { b: 2, a: 1 } } }));
  });

  it('is owned by its Bot and guarded from birth', () => {
    expect(makeRevision(bot({ botSpec: {} })).metadata).toMatchObject({ ownerReferences: [{ kind: 'Bot', name: 'echo', uid: 'u1', controller: true }], finalizers: ['botplane.dev/in-use'] });
  });
});

it('tells specs apart by content', () => {
  const spec = { botRef: { name: 'echo' }, source: { botSpec: { a: 1 } } };
  expect(isSameSpec(spec, { source: { botSpec: { a: 1 } }, botRef: { name: 'echo' } })).toBe(true);
  expect(isSameSpec(spec, { ...spec, limits: { cpuMs: 50 } })).toBe(false);
});

it('reads the state key, chat_user by default', () => {
  expect(stateKeyOfSpec({ source: { botSpec: { meta: { stateKey: 'user' } } } })).toBe('user');
  expect(stateKeyOfSpec({ source: { botSpec: { meta: {} } } })).toBe('chat_user');
});

it('collects owned revisions that serve nothing, oldest first, beyond the limit', () => {
  const view = (name: string, createdMs: number, extra = {}) => ({ name, owned: true, deleting: false, createdMs, idleMs: 10, ...extra });
  const revisions = [view('a', 1), view('b', 2), view('c', 3), view('mine', 0, { owned: false }), view('gone', 0, { deleting: true }), view('serving', 0)];
  expect(revisionsToCollect(revisions, new Set(['serving']), { limit: 1, idleMsMax: 100 })).toEqual(['b', 'a']);
  expect(revisionsToCollect(revisions, new Set(['serving']), { limit: 5, idleMsMax: 100 })).toEqual([]);
  expect(revisionsToCollect([...revisions, view('old', 9, { idleMs: 100 })], new Set(['serving']), { limit: 5, idleMsMax: 100 })).toEqual(['old']);
});

describe('idleMsOf', () => {
  const createdMs = Date.parse('2026-11-01T00:00:00Z');
  const metadata = { name: 'echo-1', creationTimestamp: '2026-11-01T00:00:00Z' };
  const drained = (status: 'True' | 'False') => ({ conditions: [{ type: 'Drained', status, reason: 'NotRouted', message: '', lastTransitionTime: '2026-11-01T00:01:00Z' }] });

  it.each([
    ['of one that nobody has looked at yet, since it was made', {}, 90_000],
    ['of one on which conversations can run, never', { status: drained('False') }, 0],
    ['of one on which none can run, since that moment', { status: drained('True') }, 30_000],
  ])('%s', (_what, status, idleMs) => {
    expect(idleMsOf({ metadata, ...status }, createdMs + 90_000)).toBe(idleMs);
  });
});
