import { describe, expect, it } from 'vitest';
import { SUPERSEDED_MS_MAX } from '../../limits.ts';
import { decideServing, nextExpiryMs } from './decide.ts';
import type { RevisionView, ServingInput } from './decide.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const revision = (name: string, extra: Partial<RevisionView> = {}): RevisionView => ({ name, ready: true, quarantined: false, owned: true, deleting: false, createdMs: NOW, ...extra });
const input = (extra: Partial<ServingInput>): ServingInput => ({
  suspend: false, pin: undefined, latest: 'b-2', revisions: [revision('b-1'), revision('b-2')], current: { revision: 'b-1', superseded: [] }, nowMs: NOW, ...extra,
});

describe('decideServing', () => {
  it('[P7] gives all traffic to the latest revision once it is ready, and lets conversations of the old one end', () => {
    expect(decideServing(input({}))).toEqual({ state: 'Serving', revision: 'b-2', wanted: 'b-2', superseded: [{ revision: 'b-1', since: '2026-11-20T12:00:00Z' }] });
  });

  it('[P7] keeps the old revision while the new one is not ready', () => {
    expect(decideServing(input({ revisions: [revision('b-1'), revision('b-2', { ready: false })] }))).toMatchObject({ revision: 'b-1', wanted: 'b-2', superseded: [] });
  });

  it('[P7] serves the pinned revision and moves the conversations of all others at once', () => {
    const decision = decideServing(input({ pin: 'b-1', current: { revision: 'b-2', superseded: [{ revision: 'b-0', since: '2026-11-20T11:59:00Z' }] } }));
    expect(decision).toMatchObject({ revision: 'b-1', superseded: [] });
  });

  it('keeps serving when the pin names a revision that does not exist', () => {
    expect(decideServing(input({ pin: 'b-9' }))).toMatchObject({ revision: 'b-1', wanted: 'b-9' });
  });

  it('serves a revision that a person applied only when it is pinned', () => {
    const revisions = [revision('mine', { owned: false, createdMs: NOW + 1 }), revision('b-1')];
    expect(decideServing(input({ revisions, latest: undefined, current: { revision: undefined, superseded: [] } })).revision).toBe('b-1');
    expect(decideServing(input({ revisions, pin: 'mine' })).revision).toBe('mine');
  });

  it('takes the newest ready revision when nothing is known', () => {
    const revisions = [revision('b-1', { createdMs: 1 }), revision('b-2', { createdMs: 2 }), revision('b-3', { ready: false, createdMs: 3 })];
    expect(decideServing(input({ revisions, latest: 'b-3', current: { revision: undefined, superseded: [] } })).revision).toBe('b-2');
  });

  it('[P9] moves everything away from a revision in quarantine at once, and keeps it only when it is pinned or there is no other', () => {
    const revisions = [revision('b-0', { createdMs: 1 }), revision('b-1', { createdMs: 2 }), revision('b-2', { ready: false, quarantined: true, createdMs: 3 })];
    const current = { revision: 'b-2', superseded: [{ revision: 'b-1', since: '2026-11-20T11:59:00Z' }] };
    expect(decideServing(input({ revisions, current }))).toEqual({ state: 'Serving', revision: 'b-1', wanted: 'b-2', superseded: [] });
    expect(decideServing(input({ revisions, current, pin: 'b-2' })).revision).toBe('b-2');
    expect(decideServing(input({ revisions: revisions.slice(2), current })).revision).toBe('b-2');
    expect(decideServing(input({ revisions: [...revisions, revision('b-3')], latest: 'b-3', current }))).toMatchObject({ revision: 'b-3', superseded: [{ revision: 'b-1' }] });
  });

  it('decides nothing when there is nothing', () => {
    expect(decideServing(input({ revisions: [], latest: undefined, current: { revision: undefined, superseded: [] } })).revision).toBeUndefined();
  });

  it('says Suspended whoever would serve', () => {
    expect(decideServing(input({ suspend: true }))).toMatchObject({ state: 'Suspended', revision: 'b-2' });
  });

  it('drops a superseded revision after its time, and one that is being deleted', () => {
    const since = (ageMs: number) => new Date(NOW - ageMs).toISOString();
    const revisions = ['b-2', 'b-1', 'b-0', 'b-x'].map((name) => revision(name, { deleting: name === 'b-x' }));
    const superseded = [{ revision: 'b-1', since: since(1_000) }, { revision: 'b-0', since: since(SUPERSEDED_MS_MAX) }, { revision: 'b-x', since: since(1_000) }];
    expect(decideServing(input({ revisions, current: { revision: 'b-2', superseded } })).superseded.map((entry) => entry.revision)).toEqual(['b-1']);
  });

  it('goes back to a superseded revision without keeping it twice', () => {
    const decision = decideServing(input({ latest: 'b-1', current: { revision: 'b-2', superseded: [{ revision: 'b-1', since: '2026-11-20T11:59:00Z' }] } }));
    expect(decision).toMatchObject({ revision: 'b-1', superseded: [{ revision: 'b-2' }] });
  });
});

it('tells when the next superseded revision is dropped', () => {
  expect(nextExpiryMs([{ revision: 'b-1', since: '2026-11-20T11:59:59Z' }], NOW)).toBe(SUPERSEDED_MS_MAX - 1_000);
  expect(nextExpiryMs([], NOW)).toBeUndefined();
});
