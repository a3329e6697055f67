import type { ArmedTimer, ChatRecord, GuestState, OutboxEntry } from '@botplane/contracts';
import { LIMITS } from '../limits.ts';
import type { IncomingUpdate } from './incoming-update.ts';

/** What to do with a message, given the record of its state key. */
export type Verdict =
  /** Settled before this record was written: acknowledge. */
  | 'below'
  /** The record was written for this very message, but perhaps its outbox was not published: publish it again, then acknowledge. */
  | 'equal'
  /** Telegram sent this update again: acknowledge. */
  | 'seen'
  | 'run';

/** The rule that makes every message count once (design section 4.3). */
export function judge(record: ChatRecord | undefined, update: Pick<IncomingUpdate, 'seq' | 'updateId'>): Verdict {
  if (record === undefined) return 'run';
  if (update.seq < record.seq) return 'below';
  if (update.seq === record.seq) return 'equal';
  return update.updateId !== undefined && record.updateIds.includes(update.updateId) ? 'seen' : 'run';
}

/** What one settled update leaves behind. */
export interface Settlement {
  state: GuestState;
  timers: ArmedTimer[];
  outbox: OutboxEntry[];
  routeSeq: number;
}

/** The record after an update is settled. */
export function settle(record: ChatRecord | undefined, update: Pick<IncomingUpdate, 'seq' | 'updateId'>, settlement: Settlement, nowMs: number): ChatRecord {
  const updateIds = [...(record?.updateIds ?? []), ...(update.updateId === undefined ? [] : [update.updateId])].slice(-LIMITS.updateIdsMax);
  const isEmpty = Object.keys(settlement.state).length === 0 && settlement.timers.length === 0;
  return { v: 1, seq: update.seq, updateIds, ...settlement, ...(isEmpty ? { expiresMs: nowMs + LIMITS.emptyRecordMs } : {}) };
}

/** Failed tries of this message that are on record. */
export function failedTries(record: ChatRecord | undefined, seq: number): number {
  return record?.attempt?.seq === seq ? record.attempt.count : 0;
}

/** The record with one more failed try of a message that is not settled; everything else stays. */
export function withFailedTry(record: ChatRecord | undefined, seq: number, routeSeq: number): ChatRecord {
  const base: ChatRecord = record ?? { v: 1, seq: 0, updateIds: [], state: {}, timers: [], outbox: [], routeSeq };
  return { ...base, attempt: { seq, count: failedTries(record, seq) + 1 } };
}
