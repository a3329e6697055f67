import type { ApiCallRequest, ApiCallResult } from '@botplane/contracts';
import { canonicalJson } from '@botplane/domain';
import type { BotSpec, TestApiAnswer, TestCase, TestStep } from '../generated/bot-spec.ts';
import type { Program } from '../program/program.ts';
import { durationMs } from '../compile/raw.ts';
import { expectMessage } from './expect-message.ts';
import { matchesPattern, patternText, textPattern } from './text-pattern.ts';
import { VirtualBot } from './virtual-bot.ts';
import type { Chat, JsonObject, Person, SentMessage } from './virtual-bot.ts';

/** Outcome of one of `tests:`. */
export interface TestResult {
  name: string;
  ok: boolean;
  /** Where it failed: `tests[0].steps[3]`. */
  path?: string;
  problem?: string;
}

const DEFAULT_USER: Person = { id: 1, first_name: 'Ann' };
const DEFAULT_NOW = '2026-01-01T12:00:00Z';

/** Runs the `tests:` of a spec, each on a fresh bot in virtual time. */
export function runTests(spec: BotSpec, program: Program): TestResult[] {
  return (spec.tests ?? []).map((test, index) => new TestRun(program, test).run(`tests[${index}]`));
}

/** Ends a test. */
class TestFailure extends Error {}

class TestRun {
  readonly #program: Program;
  readonly #test: TestCase;
  readonly #bot: VirtualBot;
  readonly #answers: ApiAnswers;
  /** Messages that an expect has taken. */
  #seen = 0;

  constructor(program: Program, test: TestCase) {
    this.#program = program;
    this.#test = test;
    this.#answers = new ApiAnswers(test.api ?? []);
    this.#bot = new VirtualBot(program, { nowMs: Date.parse(test.now ?? DEFAULT_NOW), api: (call) => this.#answers.answer(call) });
  }

  run(path: string): TestResult {
    const { name, steps } = this.#test;
    let at = path;
    try {
      steps.forEach((step, index) => {
        at = `${path}.steps[${index}]`;
        this.#step(step);
        if (this.#answers.problem !== undefined) throw new TestFailure(this.#answers.problem);
      });
      this.#nothingLeft();
      return { name, ok: true };
    } catch (error) {
      if (!(error instanceof TestFailure)) throw error;
      return { name, ok: false, path: at, problem: error.message };
    }
  }

  #step(step: TestStep): void {
    const from = (step.from ?? this.#test.user ?? DEFAULT_USER) as Person;
    const chat = (this.#test.chat ?? { id: from.id, type: 'private' }) as Chat;
    if (step.expect) return this.#expect(step.expect, from, chat);
    if (step.answer !== undefined) return this.#expectAnswer(step.answer, from, chat);
    this.#nothingLeft();
    if (step.say !== undefined) this.#bot.message(from, chat, withEntities(patternText(textPattern(step.say, this.#program, this.#bot.localeOf(from, chat)))));
    else if (step.send) this.#bot.message(from, chat, step.send as JsonObject);
    else if (step.tap !== undefined) this.#tap(step.tap, from, chat);
    else if (step.wait !== undefined) this.#bot.advance(durationMs(step.wait) ?? 0);
  }

  #tap(label: string, from: Person, chat: Chat): void {
    const pattern = textPattern(label, this.#program, this.#bot.localeOf(from, chat));
    const button = this.#bot.findButton(chat, (text) => matchesPattern(text, pattern));
    if (!button) throw new TestFailure(`there is no button “${patternText(pattern)}”; buttons: ${this.#bot.labels(chat).map((text) => `“${text}”`).join(', ') || 'none'}`);
    const problem = this.#bot.press(from, chat, button);
    if (problem !== undefined) throw new TestFailure(problem);
  }

  #expect(expected: NonNullable<TestStep['expect']>, from: Person, chat: Chat): void {
    const message = this.#bot.sent[this.#seen];
    if (!message) throw new TestFailure(`no message came${this.#why()}`);
    const problem = expectMessage(expected, message, this.#program, this.#bot.localeOf(from, chat));
    if (problem !== undefined) throw new TestFailure(`${problem}${this.#why()}`);
    this.#seen += 1;
  }

  #expectAnswer(expected: string, from: Person, chat: Chat): void {
    const pattern = textPattern(expected, this.#program, this.#bot.localeOf(from, chat));
    const { answer } = this.#bot;
    if (!answer) throw new TestFailure('the press was not answered');
    if (!matchesPattern(answer.text, pattern)) throw new TestFailure(`the press was answered with “${answer.text}”, not “${patternText(pattern)}”`);
  }

  #nothingLeft(): void {
    const left: SentMessage | undefined = this.#bot.sent[this.#seen];
    if (left) throw new TestFailure(`unexpected message: ${left.text === '' ? left.method : `“${left.text}”`}${this.#why()}`);
  }

  /** What became of the last event, when that explains something. */
  #why(): string {
    const { outcome } = this.#bot;
    if (outcome.kind === 'failed') return ` (${outcome.path ?? 'the step'} failed: ${outcome.code})`;
    return outcome.kind === 'ignored' ? ` (the update was ignored: ${outcome.code})` : '';
  }
}

/** Telegram marks commands; nothing else in a text matters to the core. */
function withEntities(text: string): JsonObject {
  const command = /^\/[A-Za-z0-9_]+(@[A-Za-z0-9_]+)?/.exec(text)?.[0];
  return { text, ...(command === undefined ? {} : { entities: [{ type: 'bot_command', offset: 0, length: command.length }] }) };
}

class ApiAnswers {
  readonly #answers: readonly TestApiAnswer[];
  readonly #given = new Map<string, number>();
  problem: string | undefined;

  constructor(answers: readonly TestApiAnswer[]) {
    this.#answers = answers;
  }

  answer(call: ApiCallRequest): ApiCallResult {
    const fitting = this.#answers.filter((answer) => (answer.method ?? 'GET') === call.method && sameUrl(answer.url, call.url) && (answer.body === undefined || same(answer.body, call.body)));
    const key = `${call.method} ${call.url}`;
    const turn = this.#given.get(key) ?? 0;
    this.#given.set(key, turn + 1);
    const answer = fitting[Math.min(turn, fitting.length - 1)];
    if (!answer) {
      this.problem = `the bot called ${key}${call.body === undefined ? '' : ` with ${call.body}`}, which the test has no answer for`;
      return { ok: false, code: 'network' };
    }
    if (answer.error !== undefined) return { ok: false, code: answer.error };
    return { ok: true, status: answer.status ?? 200, headers: answer.headers ?? {}, body: answer.json ?? null };
  }
}

function sameUrl(a: string, b: string): boolean {
  const [left, right] = [URL.parse(a), URL.parse(b)];
  return a === b || (left !== null && left.href === right?.href);
}

function same(expected: unknown, body: string | undefined): boolean {
  try {
    return body !== undefined && canonicalJson(JSON.parse(body)) === canonicalJson(expected);
  } catch {
    return false;
  }
}
