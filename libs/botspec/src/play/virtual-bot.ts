import type { ApiCallRequest, ApiCallResult, ArmedTimer, GuestEvent, GuestOutput, GuestState } from '@botplane/contracts';
import { readUpdateKeys, stateKeyOf } from '@botplane/domain';
import type { Json } from '@botplane/domain';
import { chooseLocale } from '../engine/locale.ts';
import { createEngine } from '../engine/run.ts';
import type { Engine } from '../engine/run.ts';
import type { Program } from '../program/program.ts';
import { Keyboards } from './keyboards.ts';
import type { Button } from './keyboards.ts';

export type JsonObject = { [key: string]: Json };

export interface Person {
  id: number;
  first_name?: string;
  language_code?: string;
  [field: string]: Json | undefined;
}

export interface Chat {
  id: number;
  type: string;
  [field: string]: Json | undefined;
}

/** A message that the bot sent. */
export interface SentMessage {
  messageId: number;
  method: string;
  params: JsonObject;
  /** Text or caption. */
  text: string;
  buttons: Button[];
}

export interface VirtualBotOptions {
  nowMs: number;
  /** Answers API calls. */
  api: (call: ApiCallRequest) => ApiCallResult;
}

interface Kept {
  state: GuestState;
  timers: ArmedTimer[];
}

const BOT = { id: 1_000_001, username: 'test_bot' };
const REVISION = 'local';

/** A bot without a cluster: the executor's and Telegram's part in memory, on a clock of its own. */
export class VirtualBot {
  readonly bot = BOT;
  nowMs: number;
  /** All messages the bot has sent, oldest first. */
  readonly sent: SentMessage[] = [];
  /** Answer to the last press: undefined while there was none. */
  answer: { text: string; alert: boolean } | undefined;
  /** What became of the last event. */
  outcome: GuestOutput['outcome'] = { kind: 'handled' };
  readonly #program: Program;
  readonly #engine: Engine;
  readonly #api: VirtualBotOptions['api'];
  readonly #kept = new Map<string, Kept>();
  readonly #keyboards = new Keyboards();
  #messageId = 0;
  #updateId = 0;
  #runs = 0;

  constructor(program: Program, options: VirtualBotOptions) {
    this.#program = program;
    this.#engine = createEngine(program);
    this.#api = options.api;
    this.nowMs = options.nowMs;
  }

  /** A person sends a message; `content` are fields of Telegram's Message. */
  message(from: Person, chat: Chat, content: JsonObject): void {
    const message = { message_id: this.#nextMessageId(), date: Math.floor(this.nowMs / 1_000), chat, from: { is_bot: false, ...from }, ...content };
    this.#update({ message } as unknown as JsonObject);
  }

  /** The newest button in the chat whose label fits. */
  findButton(chat: Chat, fits: (label: string) => boolean): Button | undefined {
    return this.#keyboards.find(chat.id, fits);
  }

  /** All labels a person sees in the chat, newest keyboard first. */
  labels(chat: Chat): string[] {
    return this.#keyboards.labels(chat.id);
  }

  /** Presses a button; answers with what is wrong when a press would not reach the bot. */
  press(from: Person, chat: Chat, button: Button): string | undefined {
    if (button.inline) {
      if (button.data === undefined) return `button “${button.label}” does not reach the bot: Telegram itself acts on it`;
      this.answer = undefined;
      const message = { message_id: button.messageId, date: Math.floor(this.nowMs / 1_000), chat, from: { is_bot: true, first_name: BOT.username, ...BOT } };
      this.#update({ callback_query: { id: `press-${this.#updateId + 1}`, from: { is_bot: false, ...from }, chat_instance: '1', data: button.data, message } } as unknown as JsonObject);
      return undefined;
    }
    if (button.shares === 'contact') this.message(from, chat, { contact: { phone_number: textOr(from['phone_number'], '+380441234567'), first_name: from.first_name ?? 'Ann', user_id: from.id } });
    else if (button.shares === 'location') this.message(from, chat, { location: { latitude: 50.45, longitude: 30.52 } });
    else this.message(from, chat, { text: button.label });
    return undefined;
  }

  /** Lets time pass; timers that fall due fire in order. */
  advance(ms: number): void {
    const until = this.nowMs + ms;
    for (;;) {
      const due = [...this.#kept].flatMap(([key, { timers }]) => timers.map((timer) => ({ key, timer }))).filter(({ timer }) => timer.atMs <= until).sort((a, b) => a.timer.atMs - b.timer.atMs)[0];
      if (!due) break;
      this.nowMs = Math.max(this.nowMs, due.timer.atMs);
      this.#run(due.key, { kind: 'timer', key: due.timer.key, nonce: due.timer.nonce });
    }
    this.nowMs = until;
  }

  /** The language the bot speaks to a person in a chat. */
  localeOf(from: Person, chat: Chat): string {
    const kept = this.#kept.get(this.#keyOf({ message: { chat, from } } as unknown as JsonObject));
    return chooseLocale(this.#program.meta, kept?.state['locale'], from.language_code);
  }

  #update(update: JsonObject): void {
    this.#updateId += 1;
    this.#run(this.#keyOf(update), { kind: 'update', update: { update_id: this.#updateId, ...update } });
  }

  #keyOf(update: JsonObject): string {
    const keys = readUpdateKeys({ update_id: 1, ...update });
    return keys ? stateKeyOf(keys, this.#program.meta.stateKey) : 'none';
  }

  #run(key: string, event: GuestEvent): void {
    this.#runs += 1;
    const kept = this.#kept.get(key) ?? { state: {}, timers: [] };
    const env = { nowMs: this.nowMs, bot: BOT, revision: REVISION, runId: `local:${key}:${this.#runs}`, answerPress: true, conversation: 'own', routed: true };
    const enter = (resume?: JsonObject): GuestOutput => JSON.parse(this.#engine.run(JSON.stringify({ event, state: kept.state, env, ...(resume ? { resume } : {}) }))) as GuestOutput;
    let output = enter();
    while (output.request) output = enter({ continuation: output.request.continuation, result: this.#api(output.request.call) as unknown as Json });
    this.outcome = output.outcome;
    this.#kept.set(key, { state: output.state, timers: output.timers });
    for (const effect of output.effects) this.#carryOut(effect.method, effect.params);
  }

  #carryOut(method: string, params: JsonObject): void {
    if (method === 'answerCallbackQuery') this.answer = { text: textOr(params['text'], ''), alert: params['show_alert'] === true };
    const chat = typeof params['chat_id'] === 'number' || typeof params['chat_id'] === 'string' ? params['chat_id'] : '';
    if (method === 'editMessageReplyMarkup') this.#keyboards.replace(chat, params['message_id'], params['reply_markup']);
    if (!method.startsWith('send')) return;
    const messageId = this.#nextMessageId();
    const text = [params['text'], params['caption']].find((body) => typeof body === 'string') ?? '';
    this.sent.push({ messageId, method, params, text, buttons: this.#keyboards.add(chat, messageId, params['reply_markup']) });
  }

  #nextMessageId(): number {
    this.#messageId += 1;
    return this.#messageId;
  }
}

const textOr = (value: Json | undefined, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
