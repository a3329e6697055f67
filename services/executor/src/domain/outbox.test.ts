import type { GuestEffect, RevisionPassport } from '@botplane/contracts';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { IncomingUpdate } from './incoming-update.ts';
import { earlyAnswer, errorTextFor, makeDeadLetter, makeDeadLetterOutbox, makeOutbox } from './outbox.ts';
import { timerChanges } from './timer-changes.ts';

const message: IncomingUpdate = {
  botId: 'ns_bot', partition: 1, orderKey: 'c5', stateKey: 'c5_u6', kind: 'message', updateId: 7, acceptedMs: 1_000, seq: 9,
  event: { kind: 'update', update: { update_id: 7, message: { chat: { id: 5 }, from: { id: 6, language_code: 'de-AT' }, message_thread_id: 3, is_topic_message: true, text: 'hi' } } },
};
const press: IncomingUpdate = { ...message, kind: 'callback_query', event: { kind: 'update', update: { update_id: 7, callback_query: { id: 'q1', from: { id: 6 }, message: { chat: { id: 5 } } } } } };
const effect: GuestEffect = { method: 'sendMessage', params: { chat_id: 5, text: 'x' }, chat: '5', lane: 'reply', ref: 'r' };
const hash = (): string => 'h';
const passport = { errorText: { defaultLocale: 'en', byLocale: { en: 'Sorry', de: 'Leider' } } } as unknown as RevisionPassport;

describe('makeOutbox', () => {
  it('puts calls in order before telemetry', () => {
    const outbox = makeOutbox(message, 'rev', { effects: [effect, { ...effect, chat: null }], events: [{ name: 'flow_started', flow: 'a' }] });
    expect(outbox).toMatchObject([
      { kind: 'call', call: { lane: 'reply', chat: '5', method: 'sendMessage', revision: 'rev', acceptedMs: 1_000, ref: 'r' } },
      { kind: 'call', call: { chat: null } },
      { kind: 'event', name: 'bot.step.reported.v1', data: { botId: 'ns_bot', name: 'flow_started', flow: 'a' } },
    ]);
  });

  it('leaves telemetry out rather than exceed its bounds, but never a call', () => {
    const events = Array.from({ length: 100 }, () => ({ name: 'step_completed' }));
    expect(makeOutbox(message, 'rev', { effects: [effect], events })).toHaveLength(LIMITS.outboxEntriesMax);
    const huge = { ...effect, params: { text: 'x'.repeat(LIMITS.outboxBytesMax) } };
    expect(() => makeOutbox(message, 'rev', { effects: [huge], events: [] })).toThrow('calls are larger');
  });
});

describe('the outbox of a bot that keeps its messages', () => {
  const messages = { retentionMs: 1_000, piiPolicy: 'mask' as const, inputIsPersonal: false, personal: ['x'] };

  it('[K1] holds the message that came after the calls, and tells delivery how to keep what it sends', () => {
    const outbox = makeOutbox(message, 'rev', { effects: [effect, { ...effect, method: 'answerCallbackQuery' }], events: [{ name: 'flow_started' }] }, { messages, hash });
    expect(outbox.map((entry) => entry.kind)).toEqual(['call', 'call', 'message', 'event']);
    expect(outbox[0]).toMatchObject({ call: { keep: { retentionMs: 1_000, userId: 6, updateId: 7, content: '***' } } });
    expect(outbox[1]).not.toHaveProperty('call.keep');
    expect(outbox[2]).toMatchObject({ message: { direction: 'in', chat: '5', id: 'u7', content: 'hi', pii: false } });
  });

  it('[K1] hides the whole message of an update that was given up when the bot has personal state', () => {
    const letter = makeDeadLetter(message, { reason: 'guest_error', message: 'm', attempts: 3 }, 2_000);
    const given = (hasPersonalState: boolean) => ({ revision: 'rev', passport: { ...passport, messages: { retentionMs: 5, piiPolicy: 'mask' as const, hasPersonalState } }, answerPress: true });
    const [, hidden, apology] = makeDeadLetterOutbox(message, letter, given(true), hash);
    expect(hidden).toMatchObject({ kind: 'message', message: { content: '***', pii: true, retentionMs: 5 } });
    expect(apology).toMatchObject({ kind: 'call', call: { keep: { retentionMs: 5 } } });
    expect(apology).not.toHaveProperty('call.keep.content');
    expect(makeDeadLetterOutbox(message, letter, given(false), hash)[1]).toMatchObject({ message: { content: 'hi', pii: false } });
  });
});

describe('makeDeadLetterOutbox', () => {
  const letter = makeDeadLetter(message, { reason: 'guest_error', message: 'm', attempts: 3 }, 2_000);

  it('keeps the update as it was and tells the person in their language, in their topic', () => {
    expect(letter).toMatchObject({ subjectId: '7', reason: 'guest_error', attempts: 3, failedMs: 2_000, keys: { orderKey: 'c5', stateKey: 'c5_u6', kind: 'message' } });
    expect(makeDeadLetterOutbox(message, letter, { revision: 'rev', passport, answerPress: true }, hash)).toMatchObject([
      { kind: 'dlq' },
      { kind: 'call', call: { method: 'sendMessage', params: { chat_id: 5, text: 'Leider', message_thread_id: 3 } } },
    ]);
  });

  it('answers a press that nobody answered, and says nothing for a timer', () => {
    const methods = (update: IncomingUpdate, answerPress: boolean): unknown[] => makeDeadLetterOutbox(update, letter, { revision: 'rev', passport, answerPress }, hash).map((entry) => (entry.kind === 'call' ? entry.call.method : entry.kind));
    expect(methods(press, true)).toEqual(['dlq', 'answerCallbackQuery', 'sendMessage']);
    expect(methods(press, false)).toEqual(['dlq', 'sendMessage']);
    expect(methods({ ...message, kind: 'timer', event: { kind: 'timer', key: 'wait', nonce: 'n' } }, true)).toEqual(['dlq']);
  });

  it('falls back to the default language', () => {
    expect(errorTextFor(passport, 'fr')).toBe('Sorry');
    expect(errorTextFor(passport, 'de')).toBe('Leider');
  });
});

describe('earlyAnswer', () => {
  it('has a source of its own, so that effects of earlier updates are not taken for old', () => {
    expect(earlyAnswer(press, 'rev')).toMatchObject({ method: 'answerCallbackQuery', params: { callback_query_id: 'q1' }, chat: '5', source: { key: 'c5_u6!press', seq: 9, n: 0 } });
    expect(earlyAnswer(message, 'rev')).toBeUndefined();
  });
});

describe('timerChanges', () => {
  const wait = { key: 'wait', nonce: 'n1', atMs: 10 };

  it('arms what is new or changed, disarms what is gone, and leaves the rest', () => {
    const other = { key: 'suspended', nonce: 's', atMs: 20 };
    expect(timerChanges([wait, other], [wait])).toEqual({ arm: [], disarm: [other] });
    expect(timerChanges([wait], [{ ...wait, nonce: 'n2' }])).toEqual({ arm: [{ ...wait, nonce: 'n2' }], disarm: [] });
    expect(timerChanges([], [wait])).toEqual({ arm: [wait], disarm: [] });
  });
});
