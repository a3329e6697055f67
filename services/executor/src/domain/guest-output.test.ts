import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { BadGuestOutput, parseGuestOutput } from './guest-output.ts';

const good = { state: {}, effects: [], timers: [], events: [], outcome: { kind: 'handled' } };
const effect = { method: 'sendMessage', params: {}, chat: '5', lane: 'reply' };
const request = { call: { stepPath: 's', visit: 1, method: 'GET', url: 'https://a.b/', headers: {}, timeoutMs: 1, retries: 0, backoffMs: 1 }, continuation: null };

describe('parseGuestOutput', () => {
  it('takes what the contract says', () => {
    const output = { ...good, effects: [effect, { ...effect, chat: null }, { ...effect, chat: '@name' }], timers: [{ key: 'wait', nonce: 'n', atMs: 5 }], events: [{ name: 'x' }], request };
    expect(parseGuestOutput(JSON.stringify(output))).toEqual(output);
  });

  it.each<[string, unknown]>([
    ['no object', 5], ['null', null], ['no state', { ...good, state: null }], ['no outcome', { ...good, outcome: undefined }], ['an unknown outcome', { ...good, outcome: { kind: 'x' } }],
    ['no list of calls', { ...good, effects: undefined }], ['a call without method', { ...good, effects: [{ ...effect, method: undefined }] }], ['a method that leaves the path', { ...good, effects: [{ ...effect, method: '../getMe' }] }],
    ['a lane that is a subject', { ...good, effects: [{ ...effect, lane: 'reply.>' }] }], ['a chat that is none', { ...good, effects: [{ ...effect, chat: 'a b' }] }], ['no chat at all', { ...good, effects: [{ ...effect, chat: undefined }] }],
    ['too many calls', { ...good, effects: Array.from({ length: 21 }, () => effect) }], ['a timer key with a dot', { ...good, timers: [{ key: 'a.>', nonce: 'n', atMs: 5 }] }], ['a timer without time', { ...good, timers: [{ key: 'a', nonce: 'n' }] }],
    ['a timer beyond all dates', { ...good, timers: [{ key: 'a', nonce: 'n', atMs: 9e15 }] }], ['a redirect to elsewhere', { ...good, redirect: 'other' }], ['a request without url', { ...good, request: { ...request, call: { ...request.call, url: 1 } } }],
    ['a request without limits', { ...good, request: { ...request, call: { ...request.call, timeoutMs: null } } }], ['a header that is no text', { ...good, request: { ...request, call: { ...request.call, headers: { a: 1 } } } }],
    ['a huge state', { ...good, state: { a: 'x'.repeat(LIMITS.stateBytesMax) } }], ['a conversation without revision', { ...good, state: { conversation: {} } }],
  ])('refuses %s', (_name, output) => {
    expect(() => parseGuestOutput(JSON.stringify(output))).toThrow(BadGuestOutput);
  });

  it('refuses what is no JSON', () => {
    expect(() => parseGuestOutput('{')).toThrow(BadGuestOutput);
  });
});
