import type { ApiCallResult, GuestEffect, GuestEnv, GuestOutcome, GuestTelemetry } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import type { CelScope, Expressions } from '../program/cel.ts';
import type { Program, StateType } from '../program/program.ts';
import { LIMITS } from '../schema/limits.ts';
import { StepFailure } from './failure.ts';
import { exceedsJsonBytes, jsonBytes, own } from './json.ts';
import { chooseLocale } from './locale.ts';
import type { JsonObject } from './json.ts';
import { typeFits } from './stored-state.ts';
import type { Conversation, Frame, Peer, StoredState } from './stored-state.ts';

const EMPTY: { readonly [type in StateType]: unknown } = { string: '', integer: 0n, number: 0, boolean: false, object: {}, array: [] };
/** Counted whatever telemetry.events says. */
const ALWAYS = new Set(['state_dropped', 'empty_text', 'intent_swallowed']);

export interface Input {
  text: string;
  kind: string;
  value: Json;
}

export interface SessionStart {
  program: Program;
  expressions: Expressions;
  env: GuestEnv;
  state: StoredState;
  results: readonly ApiCallResult[];
}

/** One run: the update, what it changes and what it sends. Nothing outside is touched; the caller takes the result or throws it away. */
export class Session {
  readonly program: Program;
  readonly env: GuestEnv;
  readonly state: StoredState;
  readonly results: readonly ApiCallResult[];
  readonly effects: GuestEffect[] = [];
  readonly events: GuestTelemetry[] = [];
  outcome: GuestOutcome = { kind: 'handled' };
  /** Whom the update is from; of a timer: whom the conversation is with. */
  peer: Peer | undefined;
  message: JsonObject | undefined;
  input: Input = { text: '', kind: '', value: null };
  /** The conversation under way while steps run; in `state` once it waits. */
  frames: Frame[] = [];
  conversationId = '';
  /** The update is a message of a person. */
  isMessage = false;
  /** The flow that took the message; undefined for presses, timers and what is ignored. */
  takenBy: string | undefined;
  /** The message answers a step that saves personal data. */
  inputIsPersonal = false;
  /** Personal values that this run saved, also those it forgot again. */
  readonly savedPersonal: Json[] = [];
  /** Values as they were when the run began. */
  readonly before: JsonObject;
  transitions = 0;
  apiCalls = 0;
  waits = 0;
  readonly visits = new Map<string, number>();
  readonly #expressions: Expressions;
  readonly #extra: JsonObject = {};
  #calls = 0;

  constructor(start: SessionStart) {
    this.program = start.program;
    this.env = start.env;
    this.state = start.state;
    this.before = start.state.values;
    this.results = start.results;
    this.#expressions = start.expressions;
    for (const [key, value] of Object.entries(this.state.values)) {
      const declared = own(this.program.state, key);
      if (declared && !typeFits(value, declared.type)) this.emit('state_dropped', { code: key });
    }
    if (this.state.dropped) this.emit('state_dropped', { code: 'conversation' });
  }

  /** Adds `args`, `start`, `error` or `update_id` to the context. */
  setContext(members: JsonObject): void {
    Object.assign(this.#extra, members);
  }

  get locale(): string {
    return chooseLocale(this.program.meta, this.state.locale, this.peer?.user?.['language_code']);
  }

  context(): { [field: string]: unknown } {
    const { env, program } = this;
    return {
      ...(this.peer?.user ? { user: this.peer.user } : {}),
      ...(this.peer ? { chat: this.peer.chat } : {}),
      ...(this.message ? { message: this.message } : {}),
      locale: this.locale,
      now: new Date(env.nowMs),
      revision: env.revision,
      bot: env.bot,
      values: program.values,
      ...this.#extra,
    };
  }

  /** Value of a state key: stored if it fits its type, else the default. */
  readValue(key: string): Json | undefined {
    const declared = own(this.program.state, key);
    if (!declared) return undefined;
    const stored = own(this.state.values, key);
    return stored !== undefined && typeFits(stored, declared.type) ? stored : declared.default;
  }

  /** Evaluates an expression; what it throws fails the step. */
  evaluate(source: string, more: { [name: string]: unknown } = {}, scope: CelScope = 'step'): unknown {
    try {
      return this.#expressions.evaluate(source, { ...this.#variables(), ...more }, scope);
    } catch {
      throw new StepFailure('expression_failed');
    }
  }

  condition(source: string): boolean {
    const result = this.evaluate(source);
    if (typeof result !== 'boolean') throw new StepFailure('type_mismatch');
    return result;
  }

  #variables(): { [name: string]: unknown } {
    const state: { [key: string]: unknown } = {};
    const saved: { [key: string]: unknown } = {};
    for (const [key, { type }] of Object.entries(this.program.state)) {
      const value = this.readValue(key);
      if (value !== undefined) saved[key] = true;
      state[key] = value === undefined ? EMPTY[type] : type === 'integer' ? BigInt(value as number) : value;
    }
    const context = this.context();
    const id = context['update_id'];
    return { state, _set_: saved, context: typeof id === 'number' ? { ...context, update_id: BigInt(id) } : context, input: this.input };
  }

  /** Writes values of declared keys; null forgets. All or nothing. */
  save(changes: { [key: string]: Json }): void {
    const values = { ...this.state.values };
    const written = { ...this.state.written };
    for (const [key, value] of Object.entries(changes)) {
      const declared = own(this.program.state, key);
      if (value === null) {
        delete values[key];
        delete written[key];
        continue;
      }
      if (!declared || !typeFits(value, declared.type)) throw new StepFailure('type_mismatch');
      values[key] = value;
      if (declared.pii) this.savedPersonal.push(value);
      if (declared.ttlMs !== undefined) written[key] = this.env.nowMs;
    }
    if (exceedsJsonBytes(values, LIMITS.stateBytesMax) && jsonBytes(values) > jsonBytes(this.state.values)) throw new StepFailure('state_too_large');
    this.state.values = values;
    this.state.written = written;
  }

  /** Adds a Bot API call; `chat` null means none. */
  call(effect: GuestEffect): void {
    if (this.#calls >= LIMITS.outgoingCallsPerUpdateMax) throw new StepFailure('outgoing_exceeded', { final: true });
    this.#calls += 1;
    this.effects.push(effect);
  }

  get canCall(): boolean {
    return this.#calls < LIMITS.outgoingCallsPerUpdateMax;
  }

  emit(name: string, detail: { flow?: string | undefined; step?: string | undefined; code?: string | undefined } = {}): void {
    if (!ALWAYS.has(name) && !this.program.telemetry.includes(name)) return;
    const members = Object.entries(detail).filter(([, value]) => value !== undefined);
    const event: GuestTelemetry = { name, ...Object.fromEntries(members) };
    this.events.push(event);
  }

  /** Notes which flow takes the message of this update: the first that it reaches. */
  take(flow: string): void {
    if (this.isMessage) this.takenBy ??= flow;
  }

  /** The mark of an output that a newer message may take the place of. */
  supersedable(): { supersedable?: true } {
    return this.takenBy !== undefined && own(this.program.flows, this.takenBy)?.supersede ? { supersedable: true } : {};
  }

  /** What a failing step must not leave behind. */
  snapshot(): () => void {
    const { values, written, locale } = this.state;
    const effects = this.effects.length;
    const calls = this.#calls;
    return () => {
      this.state.values = values;
      this.state.written = written;
      if (locale === undefined) delete this.state.locale;
      else this.state.locale = locale;
      this.effects.length = effects;
      this.#calls = calls;
    };
  }

  /** The conversation waits from now on. */
  park(afterMs: number): void {
    this.waits += 1;
    const conversation: Conversation = {
      revision: this.env.revision,
      id: this.conversationId,
      frames: this.frames,
      wait: { nonce: `${this.env.runId}/${this.waits}`, atMs: this.env.nowMs + afterMs },
      peer: this.peer ?? { chat: {} },
    };
    this.state.conversation = conversation;
  }
}

/** Chat id as text, for the order of calls. */
export function chatKey(peer: Peer | undefined): string | null {
  const id = peer?.chat['id'];
  return typeof id === 'number' || typeof id === 'string' ? String(id) : null;
}

