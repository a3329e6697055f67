import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILURE_BRIEF_BYTES_MAX, FAILURE_BYTES_MAX } from '../../limits.ts';
import { NO_FINDINGS } from './advance.ts';
import type { Findings } from './advance.ts';
import { decideServing, nextChangeMs } from './decide.ts';
import type { CurrentServing, RevisionView, ServingDecision, ServingInput } from './decide.ts';
import { rolloutPlanOf } from './rollout-plan.ts';
import type { RolloutPlan } from './rollout-plan.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const HOUR = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
const plan = (rollout: object = {}): RolloutPlan => rolloutPlanOf({ spec: { rollout } } as never);
const canary = (extra: object = {}): RolloutPlan => plan({ strategy: 'Canary', steps: [{ setWeight: 10 }, { pause: { duration: '10m' } }, { setWeight: 50 }, { pause: {} }], ...extra });
const revision = (name: string, extra: Partial<RevisionView> = {}): RevisionView => ({ name, ready: true, quarantined: false, owned: true, deleting: false, createdMs: NOW, ...extra });
const current = (extra: Partial<CurrentServing> = {}): CurrentServing => ({ revision: 'b-1', superseded: [], candidate: undefined, failed: [], served: [], observedRetry: undefined, isRouted: true, ...extra });
const input = (extra: Partial<ServingInput>): ServingInput => ({
  suspend: false, pin: undefined, latest: 'b-2', revisions: [revision('b-1'), revision('b-2')], drained: new Set(), plan: plan(), findings: NO_FINDINGS, gate: undefined, standstill: undefined, resumedMs: 0,
  current: current(), nowMs: NOW, ...extra,
});
const decide = (extra: Partial<ServingInput>): ServingDecision => decideServing(input(extra));
/** What the next decision finds in status. */
const after = (decision: ServingDecision): CurrentServing => ({ ...decision, isRouted: true });
const failure = { reason: 'AnalysisFailed', message: 'errors: 40 is above 10' } as const;

describe('who serves', () => {
  it('[P7] gives all traffic to the latest revision once it is ready, and lets conversations of the old one end', () => {
    expect(decide({})).toMatchObject({ state: 'Serving', revision: 'b-2', wanted: 'b-2', candidate: undefined, superseded: [{ revision: 'b-1', since: iso(NOW) }] });
  });

  it('[P7] keeps the old revision while the new one is not ready', () => {
    expect(decide({ revisions: [revision('b-1'), revision('b-2', { ready: false })] })).toMatchObject({ revision: 'b-1', wanted: 'b-2', superseded: [] });
  });

  it('[P7] serves the pinned revision and moves the conversations of all others at once', () => {
    const decision = decide({ pin: 'b-1', current: current({ revision: 'b-2', superseded: [{ revision: 'b-0', since: iso(NOW - 60_000) }] }) });
    expect(decision).toMatchObject({ revision: 'b-1', superseded: [] });
  });

  it('keeps serving when the pin names a revision that does not exist', () => {
    expect(decide({ pin: 'b-9' })).toMatchObject({ revision: 'b-1', wanted: 'b-9' });
  });

  it('serves a revision that a person applied only when it is pinned', () => {
    const revisions = [revision('mine', { owned: false, createdMs: NOW + 1 }), revision('b-1')];
    expect(decide({ revisions, latest: undefined, current: current({ revision: undefined }) }).revision).toBe('b-1');
    expect(decide({ revisions, pin: 'mine' }).revision).toBe('mine');
  });

  it('takes the newest ready revision when nothing is known', () => {
    const revisions = [revision('b-1', { createdMs: 1 }), revision('b-2', { createdMs: 2 }), revision('b-3', { ready: false, createdMs: 3 })];
    expect(decide({ revisions, latest: 'b-3', current: current({ revision: undefined }) }).revision).toBe('b-2');
  });

  it('[P9] moves everything away from a revision in quarantine at once, and keeps it only when it is pinned or there is no other', () => {
    const revisions = [revision('b-0', { createdMs: 1 }), revision('b-1', { createdMs: 2 }), revision('b-2', { ready: false, quarantined: true, createdMs: 3 })];
    const now = current({ revision: 'b-2', superseded: [{ revision: 'b-1', since: iso(NOW - 60_000) }] });
    expect(decide({ revisions, current: now })).toMatchObject({ revision: 'b-1', wanted: 'b-2', superseded: [], failed: [{ revision: 'b-2', reason: 'Quarantined' }] });
    expect(decide({ revisions, current: now, pin: 'b-2' }).revision).toBe('b-2');
    expect(decide({ revisions: revisions.slice(2), current: now })).toMatchObject({ revision: 'b-2', failed: [] });
    expect(decide({ revisions: [...revisions, revision('b-3')], latest: 'b-3', current: now })).toMatchObject({ revision: 'b-3', superseded: [{ revision: 'b-1' }] });
    const served = [{ revision: 'b-0', until: iso(NOW - 60_000) }];
    expect(decide({ revisions: [...revisions, revision('b-3')], latest: 'b-3', current: { ...now, served }, plan: canary() }).revision).toBe('b-0');
  });

  it('decides nothing when there is nothing', () => {
    expect(decide({ revisions: [], latest: undefined, current: current({ revision: undefined }) }).revision).toBeUndefined();
  });

  it('says Suspended whoever would serve', () => {
    expect(decide({ suspend: true })).toMatchObject({ state: 'Suspended', revision: 'b-2' });
  });

  it('drops a superseded revision after its time, once no conversation is left, and one that is being deleted', () => {
    const since = (ageMs: number) => iso(NOW - ageMs);
    const revisions = ['b-2', 'b-1', 'b-0', 'b-x', 'b-d'].map((name) => revision(name, { deleting: name === 'b-x' }));
    const superseded = [{ revision: 'b-1', since: since(1_000) }, { revision: 'b-d', since: since(1_000) }, { revision: 'b-0', since: since(HOUR) }, { revision: 'b-x', since: since(1_000) }];
    expect(decide({ revisions, drained: new Set(['b-d']), current: current({ revision: 'b-2', superseded }) }).superseded.map((entry) => entry.revision)).toEqual(['b-1']);
  });

  it('goes back to a superseded revision without keeping it twice', () => {
    const decision = decide({ latest: 'b-1', current: current({ revision: 'b-2', superseded: [{ revision: 'b-1', since: iso(NOW - 60_000) }] }) });
    expect(decision).toMatchObject({ revision: 'b-1', superseded: [{ revision: 'b-2' }] });
  });

  it('tells when time alone changes the decision', () => {
    expect(nextChangeMs({ superseded: [{ revision: 'b-1', since: iso(NOW - 1_000) }], waits: { for: 'time', leftMs: HOUR } }, { scaledownMs: HOUR }, NOW)).toBe(HOUR - 1_000);
    expect(nextChangeMs({ superseded: [], waits: undefined }, { scaledownMs: HOUR }, NOW)).toBeUndefined();
  });
});

describe('[P7] a canary', () => {
  it('takes its first weight at once, waits, and goes on by time', () => {
    const first = decide({ plan: canary() });
    expect(first).toMatchObject({ revision: 'b-1', candidate: { revision: 'b-2', weight: 10, step: 1, stepStartedAt: iso(NOW) }, waits: { for: 'time', leftMs: 600_000 }, superseded: [] });
    const early = decide({ plan: canary(), current: after(first), nowMs: NOW + 599_000 });
    expect(early).toMatchObject({ candidate: { weight: 10, step: 1, stepStartedAt: iso(NOW) }, waits: { leftMs: 1_000 } });
    const second = decide({ plan: canary(), current: after(early), nowMs: NOW + 600_000 });
    expect(second).toMatchObject({ revision: 'b-1', candidate: { weight: 50, step: 3 }, waits: { for: 'person' } });
  });

  it('takes no step before the last one is routed, and none while the bot is suspended or the revision is not ready', () => {
    const first = decide({ plan: canary() });
    const later = { plan: canary(), nowMs: NOW + HOUR };
    for (const extra of [{ current: { ...after(first), isRouted: false } }, { current: after(first), suspend: true }, { current: after(first), revisions: [revision('b-1'), revision('b-2', { ready: false })] }]) {
      expect(decide({ ...later, ...extra })).toMatchObject({ revision: 'b-1', candidate: { weight: 10, step: 1 } });
    }
  });

  it('stays where it is while the template cannot be read', () => {
    expect(decide({ plan: canary(), latest: undefined, current: after(decide({ plan: canary() })), nowMs: NOW + HOUR })).toMatchObject({ candidate: { weight: 10 } });
  });

  it('is promoted in full, by a step, or not at all when another revision is named', () => {
    const first = after(decide({ plan: canary() }));
    expect(decide({ plan: canary({ promote: { revision: 'b-2' } }), current: first })).toMatchObject({ revision: 'b-2', candidate: undefined, superseded: [{ revision: 'b-1' }], served: [{ revision: 'b-1' }] });
    expect(decide({ plan: canary({ promote: { revision: 'b-2', step: 2 } }), current: first })).toMatchObject({ revision: 'b-1', candidate: { weight: 50, step: 3 } });
    expect(decide({ plan: canary({ promote: { revision: 'b-2', step: 4 } }), current: first })).toMatchObject({ revision: 'b-2' });
    expect(decide({ plan: canary({ promote: { revision: 'b-1' } }), current: first })).toMatchObject({ revision: 'b-1', candidate: { weight: 10, step: 1 } });
  });

  it('does not move while paused, except by promote', () => {
    expect(decide({ plan: canary({ paused: true }) })).toMatchObject({ revision: 'b-1', candidate: { weight: 0, step: 0 }, waits: { for: 'person' } });
    const first = after(decide({ plan: canary() }));
    expect(decide({ plan: canary({ paused: true }), current: first, nowMs: NOW + HOUR })).toMatchObject({ candidate: { weight: 10, step: 1 } });
    expect(decide({ plan: canary({ paused: true, promote: { revision: 'b-2' } }), current: first })).toMatchObject({ revision: 'b-2' });
  });

  it('begins anew when its steps are changed', () => {
    const halfway = after(decide({ plan: canary({ promote: { revision: 'b-2', step: 2 } }), current: after(decide({ plan: canary() })) }));
    expect(decide({ plan: plan({ strategy: 'Canary', steps: [{ setWeight: 5 }, { pause: {} }] }), current: halfway })).toMatchObject({ candidate: { weight: 5, step: 1 } });
  });

  it('gives way to a newer template at once, also when that is the stable one', () => {
    const first = after(decide({ plan: canary() }));
    const revisions = ['b-1', 'b-2', 'b-3'].map((name) => revision(name));
    expect(decide({ plan: canary(), latest: 'b-3', revisions, current: first })).toMatchObject({ candidate: { revision: 'b-3', weight: 10 }, superseded: [], failed: [] });
    expect(decide({ plan: canary(), latest: 'b-1', current: first })).toMatchObject({ revision: 'b-1', candidate: undefined, failed: [] });
  });

  it('Manual: no traffic before promote', () => {
    const manual = plan({ strategy: 'Manual' });
    const first = decide({ plan: manual });
    expect(first).toMatchObject({ revision: 'b-1', candidate: { weight: 0, step: 0 }, waits: { for: 'person' } });
    expect(decide({ plan: plan({ strategy: 'Manual', promote: { revision: 'b-2' } }), current: after(first) })).toMatchObject({ revision: 'b-2' });
    expect(decide({ plan: manual, current: current({ revision: undefined }), revisions: [revision('b-2')] })).toMatchObject({ revision: 'b-2' });
  });

  it('a revision that served all traffic lately comes back without steps', () => {
    const served = (agoMs: number) => current({ served: [{ revision: 'b-2', until: iso(NOW - agoMs) }] });
    expect(decide({ plan: canary(), current: served(HOUR - 1_000) })).toMatchObject({ revision: 'b-2', candidate: undefined });
    expect(decide({ plan: canary(), current: served(HOUR) })).toMatchObject({ revision: 'b-1', candidate: { weight: 10 } });
    expect(decide({ plan: canary({ rollbackWindow: '0s' }), current: served(1_000) })).toMatchObject({ revision: 'b-1' });
  });

  it('one that served lately needs no promote under Manual, but waits while the rollout is paused', () => {
    const served = current({ served: [{ revision: 'b-2', until: iso(NOW - 1_000) }] });
    expect(decide({ plan: plan({ strategy: 'Manual' }), current: served })).toMatchObject({ revision: 'b-2', candidate: undefined });
    for (const strategy of ['Canary', 'Manual', 'AllAtOnce']) {
      const steps = strategy === 'Canary' ? { steps: [{ setWeight: 10 }, { pause: {} }] } : {};
      expect(decide({ plan: plan({ strategy, ...steps, paused: true }), current: served })).toMatchObject({ revision: 'b-1', candidate: { revision: 'b-2', weight: 0 }, waits: { for: 'person' } });
      expect(decide({ plan: plan({ strategy, ...steps, paused: true, promote: { revision: 'b-2' } }), current: served })).toMatchObject({ revision: 'b-2' });
    }
  });

  it('gets no traffic before its gate opens, and none at all when it closes for good', () => {
    const cause = { reason: 'TestsFailed', message: 'test greets: no reply' } as const;
    expect(decide({ plan: plan(), gate: { cause, isFinal: false } })).toMatchObject({ revision: 'b-1', candidate: undefined, failed: [] });
    expect(decide({ plan: plan(), gate: { cause, isFinal: true } })).toMatchObject({ revision: 'b-1', failed: [{ revision: 'b-2', reason: 'TestsFailed' }] });
    expect(decide({ plan: plan(), gate: { cause, isFinal: false }, revisions: [revision('b-2')], current: current({ revision: undefined }) }).revision).toBeUndefined();
  });
});

describe('[P7] a failure', () => {
  const first = after(decideServing(input({ plan: canary() })));
  const bad: Findings = { ...NO_FINDINGS, failure };

  it('takes the weight back, names the commit, and is not tried again until retry changes', () => {
    const revisions = [revision('b-1'), revision('b-2', { origin: 'git.commit: abc123' })];
    const aborted = decide({ plan: canary(), current: first, findings: bad, revisions });
    expect(aborted).toMatchObject({ revision: 'b-1', candidate: undefined, superseded: [], failedNow: { revision: 'b-2', reason: 'AnalysisFailed', message: 'errors: 40 is above 10 (git.commit: abc123)', time: iso(NOW) } });
    const again = decide({ plan: canary(), current: after(aborted), revisions });
    expect(again).toMatchObject({ revision: 'b-1', candidate: undefined, failedNow: undefined, failed: [{ revision: 'b-2' }] });
    expect(decide({ plan: canary({ promote: { revision: 'b-2' } }), current: after(aborted) })).toMatchObject({ revision: 'b-1' });
    expect(decide({ plan: plan(), current: after(aborted) })).toMatchObject({ revision: 'b-1' });
    const retried = decide({ plan: canary({ retry: 'once more' }), current: after(aborted) });
    expect(retried).toMatchObject({ candidate: { revision: 'b-2', weight: 10 }, failed: [], observedRetry: 'once more' });
    const failedAgain = decide({ plan: canary({ retry: 'once more' }), current: after(retried), findings: bad });
    expect(failedAgain).toMatchObject({ candidate: undefined, failed: [{ revision: 'b-2' }] });
    expect(decide({ plan: canary({ retry: 'once more' }), current: after(failedAgain) })).toMatchObject({ candidate: undefined });
  });

  it('is forgiven by a retry that came while the template could not be read, once it can', () => {
    const aborted = decide({ plan: canary(), current: first, findings: bad });
    const unread = decide({ plan: canary({ retry: 'once more' }), current: after(aborted), latest: undefined });
    expect(unread).toMatchObject({ revision: 'b-1', failed: [{ revision: 'b-2' }], observedRetry: undefined });
    expect(decide({ plan: canary({ retry: 'once more' }), current: after(unread) })).toMatchObject({ candidate: { revision: 'b-2', weight: 10 }, failed: [], observedRetry: 'once more' });
  });

  it('is remembered after a hundred others, those of long ago in brief, and none of them is tried or chosen again', () => {
    const names = [...Array(101).keys()].map((n) => `c-${n}`);
    const revisions = [revision('b-1'), ...names.map((name) => revision(name, { origin: `git.commit: ${name}` }))];
    const findings = { ...NO_FINDINGS, failure: { ...failure, message: 'x'.repeat(4_000) } };
    let now = current();
    for (const latest of names) {
      const begun = after(decide({ plan: canary(), current: now, latest, revisions }));
      now = after(decide({ plan: canary(), current: begun, findings, latest, revisions }));
    }
    expect(now.failed.map((entry) => entry.revision)).toEqual(names.toReversed());
    expect(Buffer.byteLength(now.failed.at(-1)?.message ?? '')).toBe(FAILURE_BRIEF_BYTES_MAX);
    expect(now.failed.at(-1)?.message).toMatch(/ \(git\.commit: c-0\)$/);
    for (const latest of names) expect(decide({ plan: canary(), current: now, latest, revisions })).toMatchObject({ revision: 'b-1', candidate: undefined, failedNow: undefined });
    const harmful = [revision('b-1', { ready: false, quarantined: true }), ...revisions.slice(1)];
    expect(decide({ plan: canary(), current: now, latest: 'b-1', revisions: harmful }).revision).toBe('b-1');
  });

  it('names the commit however much there is to tell', () => {
    const revisions = [revision('b-1'), revision('b-2', { origin: 'git.commit: abc123' })];
    const findings = { ...NO_FINDINGS, failure: { ...failure, message: 'x'.repeat(4_000) } };
    const { failedNow } = decide({ plan: canary(), current: first, findings, revisions });
    expect(Buffer.byteLength(failedNow?.message ?? '')).toBe(FAILURE_BYTES_MAX);
    expect(failedNow?.message.endsWith(' (git.commit: abc123)')).toBe(true);
  });

  it.each([
    ['abort', { plan: canary({ abort: 'b-2' }) }, 'RolloutAborted'],
    ['abort before it was ready', { plan: canary({ abort: 'b-2' }), current: current(), revisions: [revision('b-1'), revision('b-2', { ready: false })] }, 'RolloutAborted'],
    ['abort against promote', { plan: canary({ abort: 'b-2', promote: { revision: 'b-2' } }) }, 'RolloutAborted'],
    ['quarantine', { plan: canary(), revisions: [revision('b-1'), revision('b-2', { ready: false, quarantined: true })] }, 'Quarantined'],
    ['quarantine with onFailure Pause', { plan: canary({ onFailure: 'Pause' }), revisions: [revision('b-1'), revision('b-2', { ready: false, quarantined: true })] }, 'Quarantined'],
  ])('%s', (_why, extra, reason) => {
    expect(decide({ current: first, ...extra })).toMatchObject({ revision: 'b-1', candidate: undefined, failedNow: { revision: 'b-2', reason } });
  });

  it('abort of any other revision is ignored, also of the stable one', () => {
    for (const abort of ['b-1', 'b-9']) expect(decide({ plan: canary({ abort }), current: first })).toMatchObject({ candidate: { revision: 'b-2', weight: 10 } });
  });

  it('with onFailure Pause weights stay until a person decides', () => {
    const held = decide({ plan: canary({ onFailure: 'Pause' }), current: first, findings: bad, nowMs: NOW + HOUR });
    expect(held).toMatchObject({ candidate: { weight: 10, step: 1, held: failure }, waits: { for: 'person' }, failed: [] });
    expect(decide({ plan: canary({ onFailure: 'Pause' }), current: after(held), nowMs: NOW + HOUR })).toMatchObject({ candidate: { weight: 10, held: failure } });
    expect(decide({ plan: canary({ onFailure: 'Pause', promote: { revision: 'b-2', step: 2 } }), current: after(held) }).candidate).toMatchObject({ weight: 50, held: undefined });
    expect(decide({ plan: canary({ onFailure: 'Pause', retry: 'x' }), current: after(held), nowMs: NOW + HOUR }).candidate).toMatchObject({ weight: 50 });
  });

  it('an analysis step passes by measurements, fails by its deadline, and does neither while a check has no answer', () => {
    const analysed = canary({ steps: [{ setWeight: 20 }, { analysis: { measurements: 3 } }, { setWeight: 60 }, { pause: {} }] });
    const at = after(decide({ plan: analysed }));
    expect(at.candidate).toMatchObject({ weight: 20, step: 1 });
    expect(decide({ plan: analysed, current: at, findings: { ...NO_FINDINGS, passes: 2 } })).toMatchObject({ candidate: { step: 1 }, waits: { for: 'analysis', leftMs: 600_000 } });
    expect(decide({ plan: analysed, current: at, findings: { ...NO_FINDINGS, passes: 3 } })).toMatchObject({ candidate: { step: 3, weight: 60 } });
    expect(decide({ plan: analysed, current: at, nowMs: NOW + 600_000 })).toMatchObject({ candidate: undefined, failedNow: { reason: 'ProgressDeadlineExceeded' } });
    const silence = { reason: 'AnalysisInconclusive', message: 'Prometheus does not answer' } as const;
    expect(decide({ plan: analysed, current: at, findings: { ...NO_FINDINGS, passes: 3, silence }, nowMs: NOW + 600_000 })).toMatchObject({ candidate: { step: 1, weight: 20 }, waits: { for: 'answer' } });
    expect(decide({ plan: canary(), current: first, findings: { ...NO_FINDINGS, silence }, nowMs: NOW + HOUR })).toMatchObject({ candidate: { step: 1 }, waits: { for: 'answer' } });
  });

  it('an analysis step has its whole time again after a pause by spec', () => {
    const analysed = canary({ steps: [{ setWeight: 20 }, { analysis: {} }] });
    const at = after(decide({ plan: analysed }));
    expect(decide({ plan: analysed, current: at, resumedMs: NOW + HOUR, nowMs: NOW + HOUR + 599_000 })).toMatchObject({ candidate: { step: 1 }, waits: { for: 'analysis', leftMs: 1_000 } });
    expect(decide({ plan: analysed, current: at, resumedMs: NOW + HOUR, nowMs: NOW + HOUR + 600_000 })).toMatchObject({ failedNow: { reason: 'ProgressDeadlineExceeded' } });
  });

  it('one that cannot serve for longer than the deadline is given up, whether it ever had traffic or not; before that it stays where it is', () => {
    const standstill = { sinceMs: NOW, message: 'NoCapacity: Deployment botrev-b-2 has no ready pod' };
    const unready = [revision('b-1'), revision('b-2', { ready: false })];
    const message = 'it could not serve for 600 s (NoCapacity: Deployment botrev-b-2 has no ready pod)';
    for (const extra of [{ revisions: unready }, { revisions: unready, current: first }, { current: first }, { revisions: unready, plan: plan({ strategy: 'Manual' }) }]) {
      const before = decide({ plan: canary(), standstill, nowMs: NOW + 599_000, ...extra });
      expect(before).toMatchObject({ revision: 'b-1', failedNow: undefined });
      expect(before.candidate).toEqual('current' in extra ? first.candidate : undefined);
      expect(decide({ plan: canary(), standstill, nowMs: NOW + 600_000, ...extra })).toMatchObject({ revision: 'b-1', candidate: undefined, failedNow: { revision: 'b-2', reason: 'ProgressDeadlineExceeded', message } });
    }
  });

  it('one that stands still is kept where nothing would be gained by giving it up: without steps, without a sound revision to stay with, or with onFailure Pause; retry gives it its time again', () => {
    const late = { standstill: { sinceMs: NOW - HOUR, message: 'NoCapacity' }, revisions: [revision('b-1'), revision('b-2', { ready: false })] };
    expect(decide({ ...late, plan: plan() }).failedNow).toBeUndefined();
    expect(decide({ ...late, plan: canary(), current: current({ revision: undefined }) }).failedNow).toBeUndefined();
    expect(decide({ ...late, plan: canary(), revisions: [revision('b-1', { ready: false, quarantined: true }), revision('b-2', { ready: false })] }).failedNow).toBeUndefined();
    expect(decide({ ...late, plan: canary({ onFailure: 'Pause' }), current: first })).toMatchObject({ candidate: { weight: 10 }, failedNow: undefined });
    expect(decide({ ...late, plan: canary({ retry: 'x' }), current: first })).toMatchObject({ candidate: { weight: 10 }, failedNow: undefined });
  });

  it('a failed revision that was pinned gives way once the pin is removed', () => {
    const failed = [{ revision: 'b-2', ...failure, time: iso(NOW) }];
    const pinned = decide({ pin: 'b-2', current: { ...first, candidate: undefined, failed } });
    expect(pinned).toMatchObject({ revision: 'b-2', failed });
    expect(decide({ current: after(pinned) })).toMatchObject({ revision: 'b-1', superseded: [] });
  });
});

describe('[P7] whatever happens in whatever order', () => {
  const names = ['b-1', 'b-2', 'b-3'] as const;
  const name = fc.constantFrom(...names);
  const event = fc.record({
    latest: fc.option(name, { nil: undefined }), pin: fc.option(name, { nil: undefined, freq: 8 }), suspend: fc.boolean(),
    rollout: fc.record({
      strategy: fc.constantFrom('AllAtOnce', 'Canary', 'Manual'), paused: fc.boolean(), promote: fc.option(fc.record({ revision: name, step: fc.option(fc.nat(5), { nil: undefined }) }), { nil: undefined }),
      abort: fc.option(name, { nil: undefined, freq: 4 }), retry: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }), onFailure: fc.constantFrom('Abort', 'Pause'),
      steps: fc.constantFrom([{ setWeight: 10 }, { pause: { duration: '1m' } }, { setWeight: 60 }, { analysis: {} }], [{ pause: { duration: '5m' } }, { setWeight: 30 }, { pause: {} }]),
    }),
    findings: fc.record({ failure: fc.option(fc.constant(failure), { nil: undefined, freq: 5 }), silence: fc.constant(undefined), passes: fc.nat(2) }),
    ready: fc.record({ 'b-1': fc.boolean(), 'b-2': fc.boolean(), 'b-3': fc.boolean() }), poisoned: fc.option(name, { nil: undefined, freq: 10 }),
    elapsedMs: fc.nat(HOUR), isRouted: fc.boolean(),
  });

  it('weights are sound, no failed revision gets traffic unless it is pinned or alone, and steps never go back', () => {
    fc.assert(fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      let known = current({ revision: undefined });
      let nowMs = NOW;
      for (const happens of events) {
        nowMs += happens.elapsedMs;
        const revisions = names.map((each) => revision(each, { ready: happens.ready[each] && happens.poisoned !== each, quarantined: happens.poisoned === each }));
        const { pin, latest, suspend, findings } = happens;
        const before = { ...known, isRouted: happens.isRouted };
        const decision = decide({ revisions, pin, latest, suspend, findings, plan: plan(happens.rollout), current: before, nowMs });
        const failed = new Set(decision.failed.map((entry) => entry.revision));
        const { candidate } = decision;
        if (candidate) {
          expect(candidate.weight).toBeGreaterThanOrEqual(0);
          expect(candidate.weight).toBeLessThanOrEqual(100);
          expect(candidate.revision).not.toBe(decision.revision);
          expect(failed).not.toContain(candidate.revision);
          expect(pin).toBeUndefined();
          if (before.candidate?.revision === candidate.revision && before.candidate.stepsHash === candidate.stepsHash) expect(candidate.step).toBeGreaterThanOrEqual(before.candidate.step);
        }
        const isSound = (each: string): boolean => revisions.some((view) => view.name === each && view.ready) && !failed.has(each);
        if (decision.revision !== undefined && failed.has(decision.revision) && decision.revision !== pin) expect(names.filter((each) => isSound(each) && each !== latest)).toEqual([]);
        if (decision.revision !== before.revision && decision.revision !== undefined) expect(revisions.find((view) => view.name === decision.revision)?.ready).toBe(true);
        if (pin !== undefined && happens.ready[pin] && happens.poisoned !== pin) expect(decision.revision).toBe(pin);
        for (const entry of decision.superseded) expect([decision.revision, ...failed]).not.toContain(entry.revision);
        // The same facts again change nothing: a resync writes nothing.
        const again = decide({ revisions, pin, latest, suspend, findings: NO_FINDINGS, plan: plan(happens.rollout), current: { ...after(decision), isRouted: false }, nowMs });
        expect(again).toMatchObject({ revision: decision.revision, failed: decision.failed, superseded: decision.superseded });
        known = after(decision);
      }
    }), { numRuns: 300 });
  });
});
