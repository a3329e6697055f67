import { getCondition } from '@botplane/k8s';
import { describe, expect, it } from 'vitest';
import { done, failed, waiting } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import { botConditions } from './status.ts';
import type { BotView } from './status.ts';

const NOW = '2026-11-20T12:00:00Z';
const ok = done(Reasons.Serving, 'b-1 serves all traffic');
const view = (extra: Partial<BotView> = {}): BotView => ({
  generation: 3, suspended: false, token: ok, runtime: ok, revision: ok, serving: ok, webhook: ok, decision: undefined, pin: undefined, available: { is: true, reason: Reasons.Serving, message: '' }, ...extra,
});
const statuses = (of: BotView) => Object.fromEntries(botConditions(undefined, of, NOW).map(({ type, status, reason }) => [type, `${status}/${reason}`]));

describe('botConditions', () => {
  it('[C1] says Ready when this generation serves', () => {
    expect(statuses(view())).toMatchObject({ Ready: 'True/Serving', Available: 'True/Serving', Reconciling: 'False/Settled', Stalled: 'False/Settled', Pinned: 'False/NotPinned' });
  });

  it('[P7] says Stalled and still Available when the new revision does not compile', () => {
    const bad = failed(Reasons.CompileFailed, 'flows.a: …');
    expect(statuses(view({ revision: bad, serving: bad }))).toMatchObject({
      Ready: 'False/CompileFailed', Stalled: 'True/CompileFailed', Reconciling: 'False/Settled', Available: 'True/Serving', RevisionReady: 'False/CompileFailed',
    });
  });

  it('says Reconciling while it goes on by itself', () => {
    expect(statuses(view({ webhook: waiting(Reasons.TelegramAway, '') }))).toMatchObject({ Ready: 'False/TelegramAway', Reconciling: 'True/TelegramAway', Stalled: 'False/Settled' });
  });

  it('names what only a person can mend before what mends itself', () => {
    expect(statuses(view({ token: failed(Reasons.TokenRejected, ''), serving: waiting(Reasons.NoCapacity, '') }))).toMatchObject({ Ready: 'False/TokenRejected', Stalled: 'True/TokenRejected', Reconciling: 'False/Settled' });
  });

  it('is Ready while pinned although a newer revision does not compile', () => {
    const bad = failed(Reasons.CompileFailed, '');
    expect(statuses(view({ revision: bad, pin: { name: 'b-1', waiting: 'b-2' } }))).toMatchObject({ Ready: 'True/Serving', RevisionReady: 'False/CompileFailed', Pinned: 'True/NewerRevisionWaits' });
  });

  it('is Ready but not Available while suspended', () => {
    expect(statuses(view({ suspended: true, available: { is: false, reason: Reasons.Suspended, message: '' } }))).toMatchObject({ Ready: 'True/Suspended', Available: 'False/Suspended', WebhookRegistered: 'False/Suspended' });
  });

  it('keeps what it said of Available when that cannot be known', () => {
    const before = botConditions(undefined, view(), NOW);
    const after = botConditions(before, view({ available: undefined, serving: waiting(Reasons.BrokerAway, '') }), NOW);
    expect(getCondition(after, 'Available')?.status).toBe('True');
  });

  it('says the same again without a change, so nothing is written', () => {
    const first = botConditions(undefined, view(), NOW);
    expect(botConditions(first, view(), '2026-11-20T13:00:00Z')).toEqual(first);
  });
});
