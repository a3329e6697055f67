import { HEADERS } from '@botplane/contracts';
import type { ChatRecord, OutboundCall } from '@botplane/contracts';
import { describe, expect, it } from 'vitest';
import { keptMessage } from '../../delivery/src/domain/kept-message.ts';
import { EMPTY_SENT, isSettled, settle as settleCall } from '../../delivery/src/domain/sent.ts';
import { judge, settle as settleUpdate } from '../../executor/src/domain/chat-record.ts';
import { readMessage } from '../../executor/src/domain/incoming-update.ts';
import type { DeadLetter } from '../src/domain/dead-letter.ts';
import { planReplay } from '../src/domain/plan-replay.ts';
import type { ReplayMessage } from '../src/domain/plan-replay.ts';
import { deadCall, deadUpdate } from './setup.ts';

/** What a replay of this letter publishes. */
function replay(letter: Pick<DeadLetter, 'queue' | 'seq' | 'entry'>): ReplayMessage {
  const plan = planReplay({ subjectName: '', storedMs: 0, bytes: 0, ...letter }, 1_000);
  if (plan.kind !== 'publish') throw new Error(plan.message);
  return plan.message;
}

describe('what a replay publishes', () => {
  it('[W2] is run by the executor although it has seen the update, and only once', () => {
    const { subject, headers, body } = replay({ queue: 'in', seq: 5, entry: deadUpdate(1) });
    const read = (seq: number) => readMessage({ subject, seq, header: (name) => headers[name] ?? '', text: () => body }, HEADERS);
    const [first, second] = [read(100), read(101)];
    if (first === undefined || second === undefined) throw new Error('the executor cannot read it');
    const failed: ChatRecord = { v: 1, seq: 50, updateIds: [901], state: {}, timers: [], outbox: [], routeSeq: 1 };
    expect(judge(failed, first)).toBe('run');
    const settled = settleUpdate(failed, first, { state: {}, timers: [], outbox: [], routeSeq: 1 }, 1_000);
    expect(judge(JSON.parse(JSON.stringify(settled)) as ChatRecord, second)).toBe('seen');
  });

  it('[W2] is sent by delivery although later calls of the chat were, and only once', () => {
    const later = { ...(deadCall(9).payload as unknown as OutboundCall) };
    const record = settleCall(EMPTY_SENT, later, 1, 0);
    expect(isSettled(record, deadCall(3).payload as unknown as OutboundCall)).toBe(true); // As it was, it would be dropped.
    const call = JSON.parse(replay({ queue: 'out', seq: 5, entry: deadCall(3) }).body) as OutboundCall;
    expect(isSettled(record, call)).toBe(false);
    expect(isSettled(settleCall(record, call, 2, 0), call)).toBe(true);
    const older = JSON.parse(replay({ queue: 'out', seq: 4, entry: deadCall(2) }).body) as OutboundCall;
    expect(isSettled(settleCall(record, call, 2, 0), older)).toBe(false); // Letters may be replayed in any order.
  });

  it.each<NonNullable<OutboundCall['keep']>>([
    { retentionMs: 1_000, userId: 77, updateId: 900 },
    { retentionMs: 1_000, userId: null, updateId: null, content: null },
    { retentionMs: 1_000, userId: 77, updateId: 900, content: 'answer to [hidden]' },
  ])('[W2] is kept as the call would have been, once it is sent: %j', (keep) => {
    const dead = deadCall(3);
    const payload = { ...(dead.payload as unknown as OutboundCall), keep, ref: 'menu' };
    const call = JSON.parse(replay({ queue: 'out', seq: 5, entry: { ...dead, payload: payload as never } }).body) as OutboundCall;
    expect(call.ref).toBe('menu');
    expect(keptMessage(call, 12, 1_000)).toEqual(keptMessage(payload, 12, 1_000));
    expect(keptMessage(call, 12, 1_000)).toBeDefined();
  });
});
