import type { ApiCallRequest, ArmedTimer, GuestEffect, GuestMessages, GuestOutput, GuestState } from '@botplane/contracts';
import { LIMITS } from '../limits.ts';

/** What the guest returned cannot be used. Its own fault. */
export class BadGuestOutput extends Error {
  override readonly name = 'BadGuestOutput';
}

const LANES = ['reply', 'bulk', 'paid'];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];
const POLICIES = ['mask', 'hash', 'drop'];
/** How much longer a text can be after it was read as JSON and written again, in bytes: `\\ud800` for half of a surrogate pair. Numbers grow less. */
const REWRITTEN_BYTES_PER_UNIT_MAX = 6;
const OUTCOMES = ['handled', 'ignored', 'failed'];

/**
 * Reads a GuestOutput from JSON. Everything that names subjects, keys or sizes is checked here, since it comes out of a
 * process that runs foreign code. Throws BadGuestOutput.
 */
export function parseGuestOutput(text: string): GuestOutput {
  let output: GuestOutput;
  try {
    output = JSON.parse(text) as GuestOutput;
  } catch {
    throw new BadGuestOutput('output is no JSON');
  }
  check(isRecord(output) && isRecord(output.state) && isRecord(output.outcome), 'output is no GuestOutput');
  check(OUTCOMES.includes(output.outcome.kind), 'unknown outcome');
  check(list(output.effects).length <= LIMITS.effectsMax, `more than ${LIMITS.effectsMax} calls`);
  check(list(output.timers).length <= LIMITS.timersMax, `more than ${LIMITS.timersMax} timers`);
  list(output.effects).forEach(checkEffect);
  list(output.timers).forEach(checkTimer);
  list(output.events).forEach((event) => check(isRecord(event) && isText(event['name'], 64), 'an event has no name'));
  check(output.redirect === undefined || output.redirect === 'conversation' || output.redirect === 'routed', 'unknown redirect');
  if (output.request !== undefined) checkRequest(output.request.call);
  check(output.supersedable === undefined || output.supersedable === true, 'supersedable is neither true nor absent');
  if (output.messages !== undefined) checkMessages(output.messages);
  checkState(output.state, text.length);
  return output;
}

function checkEffect(value: unknown): void {
  const effect = value as GuestEffect;
  check(isRecord(effect) && matches(effect.method, /^[A-Za-z]{3,64}$/) && isRecord(effect.params), 'a call has no method');
  check(LANES.includes(effect.lane), 'a call has no lane');
  check(effect.chat === null || matches(effect.chat, /^(-?\d{1,20}|@[A-Za-z0-9_]{1,64})$/), 'a call names no chat');
  check(effect.ref === undefined || isText(effect.ref, 256), 'a ref is too long');
}

function checkTimer(value: unknown): void {
  const timer = value as ArmedTimer;
  check(isRecord(timer) && matches(timer.key, /^[A-Za-z0-9_-]{1,32}$/) && isText(timer.nonce, 128), 'a timer has no key or nonce');
  // The upper end is what a Date can hold as a four-digit year.
  check(Number.isFinite(timer.atMs) && timer.atMs >= 0 && timer.atMs < 253_402_300_800_000, 'a timer has no time');
}

function checkRequest(call: ApiCallRequest): void {
  check(isRecord(call) && METHODS.includes(call.method) && isText(call.url, 8_192) && isText(call.stepPath, 512), 'a request is incomplete');
  check(Number.isSafeInteger(call.visit) && isRecord(call.headers), 'a request is incomplete');
  check(Object.values(call.headers).every((header) => typeof header === 'string'), 'a header is no text');
  check(call.body === undefined || (typeof call.body === 'string' && Buffer.byteLength(call.body) <= LIMITS.apiRequestBytesMax), 'a request body is too large');
  check([call.timeoutMs, call.retries, call.backoffMs].every((number) => Number.isFinite(number) && number >= 0), 'a request has no limits');
}

function checkMessages(messages: GuestMessages): void {
  check(isRecord(messages) && POLICIES.includes(messages.piiPolicy) && typeof messages.inputIsPersonal === 'boolean', 'kept messages have no policy');
  check(Number.isFinite(messages.retentionMs) && messages.retentionMs > 0 && messages.retentionMs <= LIMITS.retentionMsMax, 'kept messages have no retention');
  if (messages.personal === null) return;
  check(Array.isArray(messages.personal) && messages.personal.length <= LIMITS.personalTextsMax && messages.personal.every((text) => typeof text === 'string'), 'too many personal texts');
  check(messages.personal.reduce((chars, text) => chars + text.length, 0) <= LIMITS.personalCharsMax, 'too many personal texts');
}

/** `outputChars`: length of all that the guest returned; most outputs are so short that their state cannot be too large. */
function checkState(state: GuestState, outputChars: number): void {
  const { conversation, suspended } = state;
  for (const part of [conversation, suspended]) check(part === undefined || (isRecord(part) && isText(part.revision, 256)), 'a conversation has no revision');
  const mayBeTooLarge = outputChars * REWRITTEN_BYTES_PER_UNIT_MAX > LIMITS.stateBytesMax;
  check(!mayBeTooLarge || Buffer.byteLength(JSON.stringify(state)) <= LIMITS.stateBytesMax, `state is larger than ${LIMITS.stateBytesMax} bytes`);
}

function check(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new BadGuestOutput(problem);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const matches = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value);
const isText = (value: unknown, charsMax: number): value is string => typeof value === 'string' && value.length <= charsMax;

function list(value: unknown): unknown[] {
  check(Array.isArray(value), 'a list is missing');
  return value as unknown[];
}
