import type { ApiCallRequest, ApiCallResult, GuestOutput } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import { chooseLocale } from '../engine/locale.ts';
import type { Program } from '../program/program.ts';
import { Keyboards } from './keyboards.ts';
import type { Button } from './keyboards.ts';
import { LocalRuns } from './local-runs.ts';

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

const BOT = { id: 1_000_001, username: 'test_bot' };

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
  readonly #runs: LocalRuns;
  readonly #keyboards = new Keyboards();
  #messageId = 0;
  #updateId = 0;

  constructor(program: Program, options: VirtualBotOptions) {
    this.#runs = new LocalRuns(program, { bot: BOT, api: options.api });
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
      const due = this.#runs.dueTimer(until);
      if (!due) break;
      this.nowMs = Math.max(this.nowMs, due.timer.atMs);
      this.#finish(this.#runs.fire(due, this.nowMs));
    }
    this.nowMs = until;
  }

  /** The language the bot speaks to a person in a chat. */
  localeOf(from: Person, chat: Chat): string {
    const { meta } = this.#runs.program;
    const state = this.#runs.stateOf(this.#runs.keyOf({ message: { chat, from } } as unknown as JsonObject));
    return chooseLocale(meta, state?.['locale'], from.language_code);
  }

  #update(update: JsonObject): void {
    this.#updateId += 1;
    this.#finish(this.#runs.run(this.#runs.keyOf(update), { kind: 'update', update: { update_id: this.#updateId, ...update } }, this.nowMs));
  }

  #finish({ outcome, effects }: GuestOutput): void {
    this.outcome = outcome;
    for (const effect of effects) this.#carryOut(effect.method, effect.params);
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
