import type { ApiCallResult, GuestEnv, GuestEvent, GuestInput, GuestOutput, GuestState } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import { Expressions } from '../program/cel.ts';
import type { Program } from '../program/program.ts';
import { dispatch } from './dispatch.ts';
import { NeedsApiCall, Redirected } from './failure.ts';
import { isObject } from './json.ts';
import { keptMessages, messagesUnread } from './personal.ts';
import { Session } from './session.ts';
import { readState, timersOf, writeState } from './stored-state.ts';

/** One revision, ready to run. */
export interface Engine {
  /** Never throws; a fault of the spec or the input is an outcome. */
  run(inputJson: string): string;
}

/** What a request carries over to the next entry: the run is repeated with the results so far. */
interface Continuation {
  env: GuestEnv;
  results: ApiCallResult[];
}

export function createEngine(program: Program): Engine {
  const expressions = new Expressions(program.state);
  return {
    run(inputJson) {
      let input: unknown;
      try {
        input = JSON.parse(inputJson);
        return JSON.stringify(step(program, expressions, readInput(input)));
      } catch {
        return JSON.stringify(engineError(program, input));
      }
    },
  };
}

/** Nothing is changed, and what is armed stays armed. */
function engineError(program: Program, input: unknown): GuestOutput {
  const state: GuestState = isObject(input) && isObject(input['state']) ? input['state'] : {};
  return { state, effects: [], timers: timersOf(readState(state, program, 0)), events: [], outcome: { kind: 'failed', code: 'engine_error' }, ...messagesUnread(program) };
}

function step(program: Program, expressions: Expressions, input: GuestInput): GuestOutput {
  const { env, results } = continuationOf(input);
  const session = new Session({ program, expressions, env, state: readState(input.state, program, env.nowMs), results });
  try {
    dispatch(session, input.event);
  } catch (signal) {
    const untouched = { state: input.state, effects: [], timers: timersOf(readState(input.state, program, env.nowMs)), events: [], outcome: { kind: 'handled' as const }, ...session.supersedable(), ...keptMessages(session) };
    if (signal instanceof Redirected) return { ...untouched, redirect: signal.to };
    if (signal instanceof NeedsApiCall) return { ...untouched, request: { call: signal.call, continuation: { env, results } as unknown as Json } };
    throw signal;
  }
  return { state: writeState(session.state), effects: session.effects, timers: timersOf(session.state), events: session.events, outcome: session.outcome, ...session.supersedable(), ...keptMessages(session) };
}

function continuationOf(input: GuestInput): Continuation {
  if (!input.resume) return { env: input.env, results: [] };
  const { continuation, result } = input.resume;
  const earlier = isObject(continuation) ? (continuation as unknown as Continuation) : undefined;
  return { env: readEnv(earlier?.env ?? input.env), results: [...(Array.isArray(earlier?.results) ? earlier.results : []), result] };
}

function readInput(raw: unknown): GuestInput {
  if (!isObject(raw) || !isObject(raw['event'])) throw new TypeError('no event');
  const { event, state, env, resume } = raw;
  return {
    event: event as unknown as GuestEvent,
    state: isObject(state) ? state : {},
    env: readEnv(env),
    ...(isObject(resume) ? { resume: resume as unknown as NonNullable<GuestInput['resume']> } : {}),
  };
}

function readEnv(raw: unknown): GuestEnv {
  const env = isObject(raw) ? raw : {};
  const bot = isObject(env['bot']) ? env['bot'] : {};
  return {
    nowMs: typeof env['nowMs'] === 'number' ? env['nowMs'] : 0,
    bot: { id: typeof bot['id'] === 'number' ? bot['id'] : 0, username: typeof bot['username'] === 'string' ? bot['username'] : '' },
    revision: typeof env['revision'] === 'string' ? env['revision'] : '',
    runId: typeof env['runId'] === 'string' ? env['runId'] : '',
    answerPress: env['answerPress'] !== false,
    conversation: env['conversation'] === 'elsewhere' || env['conversation'] === 'moved' ? env['conversation'] : 'own',
    routed: env['routed'] !== false,
  };
}
