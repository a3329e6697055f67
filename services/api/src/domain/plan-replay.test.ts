import type { DlqEntry } from '@botplane/contracts';
import { describe, expect, it } from 'vitest';
import type { DeadLetter } from './dead-letter.ts';
import { REPLAY_UPDATE_ID_BASE, planReplay } from './plan-replay.ts';

const entry: DlqEntry = { v: 1, botId: 'a_b', subjectId: '1', reason: 'r', message: 'm', attempts: 1, failedMs: 0, payload: { update_id: 1 }, keys: { orderKey: 'c1', stateKey: 'c1_u1', kind: 'message' } };
const letter = (changes: Partial<DeadLetter>): DeadLetter => ({ seq: 7, queue: 'in', subjectName: 'a_b', storedMs: 0, bytes: 1, entry, ...changes });

describe('planReplay', () => {
  it('[W2] gives every letter an update id of its own, which a chat record can hold', () => {
    const [first, second] = [planReplay(letter({}), 5), planReplay(letter({ seq: 8 }), 5)];
    expect(first).toMatchObject({ kind: 'publish', message: { msgId: 'dlq:7', headers: { 'Botplane-Update-Id': String(REPLAY_UPDATE_ID_BASE + 7), 'Botplane-Accepted-Ms': '5' } } });
    expect(second).toMatchObject({ message: { msgId: 'dlq:8' } });
    expect(Number.isSafeInteger(REPLAY_UPDATE_ID_BASE + 2 ** 51)).toBe(true);
  });

  it('[W2] puts a job back to the subject that it names', () => {
    expect(planReplay(letter({ queue: 'jobs', entry: { ...entry, target: 'messages.shop_tea' } }), 5)).toEqual({ kind: 'publish', message: { subject: 'messages.shop_tea', body: '{"update_id":1}', headers: {}, msgId: 'dlq:7' } });
  });

  it.each<[string, DeadLetter, string]>([
    ['an entry that cannot be read', letter({ entry: null }), 'dlq.unreadable'],
    ['an update that lost its keys', letter({ entry: { ...entry, keys: undefined } as never }), 'dlq.not_replayable'],
    ['a call without a method', letter({ queue: 'out' }), 'dlq.not_replayable'],
    ['a job that names no target', letter({ queue: 'jobs' }), 'dlq.not_replayable'],
    ...['$KV.routes.a', 'dlq.jobs.x', 'updates.>', 'messages', 'a..b', ''].map((target): [string, DeadLetter, string] => [`a job for ${target}`, letter({ queue: 'jobs', entry: { ...entry, target } }), 'dlq.not_replayable']),
  ])('refuses %s and says what to do', (_what, dead, code) => {
    expect(planReplay(dead, 5)).toEqual({ kind: 'refuse', code, message: expect.stringMatching(/delete|again/) });
  });
});
