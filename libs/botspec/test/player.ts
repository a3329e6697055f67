import { readFileSync } from 'node:fs';
import type { ApiCallRequest, ApiCallResult, GuestEffect, GuestEnv, GuestEvent, GuestOutput, GuestState } from '@botplane/contracts';
import { compileBotSpec, createEngine, parseBotSpec } from '../src/index.ts';
import type { Program } from '../src/index.ts';

export interface Person {
  id: number;
  first_name: string;
  language_code?: string;
}

export const ANN: Person = { id: 1, first_name: 'Ann', language_code: 'en' };
export const BOT = { id: 77, username: 'club_bot' };

export type Run = (inputJson: string) => string;
type Params = { [key: string]: unknown };

/** Program of a spec in YAML; throws what the compiler found. */
export function compileYaml(yaml: string): Program {
  const parsed = parseBotSpec(yaml);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return compileValue(parsed.value);
}

export function compileValue(value: unknown): Program {
  const compiled = compileBotSpec(value);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors, null, 1));
  return compiled.program;
}

/** The spec inside an example's bot.yaml. */
export function exampleSpec(name: string): unknown {
  const file = new URL(`../../../examples/${name}/bot.yaml`, import.meta.url);
  const parsed = parseBotSpec(readFileSync(file, 'utf8'), { within: ['spec', 'botSpec'] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.value;
}

/** What an executor does around the guest, with a clock of its own: for conversations in tests. */
export class Player {
  nowMs = Date.parse('2026-11-20T12:00:00Z');
  env: Partial<GuestEnv> = {};
  /** Answers API calls; the last answer stays. */
  api: (call: ApiCallRequest) => ApiCallResult = () => ({ ok: false, code: 'network' });
  readonly calls: ApiCallRequest[] = [];
  readonly states = new Map<string, GuestState>();
  last: GuestOutput = { state: {}, effects: [], timers: [], events: [], outcome: { kind: 'handled' } };
  readonly #run: Run;
  #updateId = 0;
  #runs = 0;

  constructor(program: Program | Run) {
    this.#run = typeof program === 'function' ? program : createEngine(program).run;
  }

  say(text: string, from: Person = ANN, more: Params = {}): string[] {
    return this.message({ text, ...more }, from);
  }

  message(content: Params, from: Person = ANN): string[] {
    this.#updateId += 1;
    const message = { message_id: this.#updateId, date: 0, chat: { id: from.id, type: 'private' }, from: { is_bot: false, ...from }, ...content };
    return this.event({ kind: 'update', update: { update_id: this.#updateId, message } as never }, from);
  }

  /** Presses the button with this label in the last message that has one. */
  tap(label: string, from: Person = ANN): string[] {
    const data = this.buttons().find((button) => button.text === label)?.callback_data;
    if (data === undefined) throw new Error(`no button ${label}; there are ${this.buttons().map((button) => button.text).join(', ')}`);
    return this.press(data, from);
  }

  press(data: string, from: Person = ANN): string[] {
    this.#updateId += 1;
    const callback_query = { id: `q${this.#updateId}`, from: { is_bot: false, ...from }, chat_instance: 'x', data, message: { message_id: 1000, date: 0, chat: { id: from.id, type: 'private' } } };
    return this.event({ kind: 'update', update: { update_id: this.#updateId, callback_query } as never }, from);
  }

  /** Lets time pass; timers that fall due fire. */
  advance(ms: number, from: Person = ANN): string[] {
    const until = this.nowMs + ms;
    const texts: string[] = [];
    for (;;) {
      const due = [...this.last.timers].sort((a, b) => a.atMs - b.atMs).find((timer) => timer.atMs <= until);
      if (!due) break;
      this.nowMs = Math.max(this.nowMs, due.atMs);
      texts.push(...this.event({ kind: 'timer', key: due.key, nonce: due.nonce }, from));
    }
    this.nowMs = until;
    return texts;
  }

  /** Goes on from where another revision stands. */
  take(other: Player, env: Partial<GuestEnv>): void {
    this.env = { ...this.env, ...env };
    this.nowMs = other.nowMs;
    this.last = { ...this.last, timers: other.last.timers };
    for (const [key, state] of other.states) this.states.set(key, state);
  }

  /** Runs one event to its end and returns the texts that were sent. */
  event(event: GuestEvent, from: Person = ANN): string[] {
    const key = String(from.id);
    const state = this.states.get(key) ?? {};
    this.#runs += 1;
    const env = { nowMs: this.nowMs, bot: BOT, revision: 'club-1', runId: `b:${key}:${this.#runs}`, answerPress: true, conversation: 'own', routed: true, ...this.env };
    let output = JSON.parse(this.#run(JSON.stringify({ event, state, env }))) as GuestOutput;
    while (output.request) {
      this.calls.push(output.request.call);
      const resume = { continuation: output.request.continuation, result: this.api(output.request.call) };
      output = JSON.parse(this.#run(JSON.stringify({ event, state, env, resume }))) as GuestOutput;
    }
    this.last = output;
    if (!output.redirect) this.states.set(key, output.state);
    return this.texts();
  }

  /** Texts of the last run. */
  texts(): string[] {
    return this.last.effects.filter((effect) => effect.method !== 'answerCallbackQuery').map((effect) => {
      const { text, caption } = effect.params;
      return [text, caption].find((body) => typeof body === 'string') ?? effect.method;
    });
  }

  answers(): GuestEffect[] {
    return this.last.effects.filter((effect) => effect.method === 'answerCallbackQuery');
  }

  buttons(): { text: string; callback_data?: string }[] {
    return this.last.effects.flatMap((effect) => {
      const markup = effect.params['reply_markup'] as { inline_keyboard?: { text: string; callback_data?: string }[][] } | undefined;
      return markup?.inline_keyboard?.flat() ?? [];
    });
  }

  stateOf(from: Person = ANN): { values?: Params; conversation?: { frames: Params[] }; locale?: string } {
    return (this.states.get(String(from.id)) ?? {}) as never;
  }
}

export const ok = (body: unknown, status = 200): ApiCallResult => ({ ok: true, status, headers: {}, body: body as never });
