import { setTimeout as sleep } from 'node:timers/promises';
import type { Checker } from '../check/checker.ts';
import { BURST_MAX, OUTSTANDING_PER_CHAT_MAX, SENDERS } from '../limits.ts';
import { Random } from '../random.ts';
import { POISON_SUFFIX, PRESS_SEPARATOR } from '../world/guest-code.ts';
import type { TestBot } from '../world/test-bots.ts';
import type { PrivateChat, Telegram } from '../world/telegram.ts';
import { QUEUES, pickKind } from './kinds.ts';
import type { Kind } from './kinds.ts';

const PAUSE_MS = 5;
/** Private chats have the ids of their people; above the simulator's own examples. */
const FIRST_CHAT = 1_000_000;

/** An update that the simulator took. */
export interface Injected {
  bot: TestBot;
  chat: number;
  k: number;
  kind: Kind;
  updateId: number;
  /** `<botId>/<update_id>`. */
  updateKey: string;
  isPoison: boolean;
}

export interface FeederOptions {
  telegram: Telegram;
  checker: Checker;
  bots: readonly TestBot[];
  chats: number;
  updates: number;
  /** Updates that may be under way. */
  outstandingMax: number;
  /** Updates that are poisoned, spread evenly. */
  poisons: number;
  seed: number;
  /** People write, and do nothing else. */
  isTextOnly: boolean;
  /** Data of the button under the bots' answers; undefined until one was seen. */
  buttonData: () => string | undefined;
  onInjected: (injected: Injected) => void;
}

/** The bot that a chat is with. */
export function botOf(bots: readonly TestBot[], chat: number): TestBot {
  const bot = bots[chat % bots.length];
  if (bot === undefined) throw new RangeError('a run needs bots');
  return bot;
}

/**
 * People that write, edit, press, react and come and go: many chats at once, several things in a row, one after the other within a chat.
 * As fast as answers come back, with a bounded number of updates under way, so the load finds the speed of the machine by itself.
 */
export class Feeder {
  private readonly options: FeederOptions;
  private readonly busy = new Set<number>();
  /** Newest message of the person in each chat: what is edited, pressed and reacted to. */
  private readonly newestMessage = new Map<number, number>();
  private allowed = 0;
  private taken = 0;
  private isStopped = false;

  constructor(options: FeederOptions) {
    this.options = options;
  }

  /** Lets people write until so many updates are out; the count only grows. */
  allow(updates: number): void {
    this.allowed = Math.max(this.allowed, Math.min(updates, this.options.updates));
  }

  /** Nobody writes any more. */
  stop(): void {
    this.isStopped = true;
  }

  /** Resolves when every update is with the simulator, or after `stop`. */
  async run(): Promise<void> {
    const { seed } = this.options;
    await Promise.all(Array.from({ length: SENDERS }, (_, sender) => this.send(new Random(seed + sender))));
  }

  private async send(random: Random): Promise<void> {
    while (this.taken < this.options.updates && !this.isStopped) {
      const chat = this.isOpen() ? this.idleChat(random) : undefined;
      if (chat === undefined) {
        await sleep(PAUSE_MS);
        continue;
      }
      this.busy.add(chat);
      for (let left = 1 + random.int(BURST_MAX); left > 0 && this.isOpen() && !this.isFull(chat); left--) await this.act(chat, random);
      this.busy.delete(chat);
    }
  }

  private isOpen(): boolean {
    return !this.isStopped && this.taken < this.allowed && this.options.checker.outstanding < this.options.outstandingMax;
  }

  private idleChat(random: Random): number | undefined {
    const chat = FIRST_CHAT + random.int(this.options.chats);
    return this.busy.has(chat) || this.isFull(chat) ? undefined : chat;
  }

  private isFull(chat: number): boolean {
    return this.options.checker.outstandingOf(chat) >= OUTSTANDING_PER_CHAT_MAX;
  }

  private async act(chat: number, random: Random): Promise<void> {
    const { checker, bots, onInjected } = this.options;
    const isPoison = this.isPoison(this.taken++);
    const bot = botOf(bots, chat);
    const messageId = this.newestMessage.get(chat);
    const picked = pickKind(random);
    const kind = isPoison || this.options.isTextOnly || messageId === undefined || (picked === 'callback_query' && this.options.buttonData() === undefined) ? 'message' : picked;
    const k = checker.inject(chat, { queue: QUEUES[kind], isPoison });
    const updateId = await this.cause(kind, { token: bot.token, chat }, messageId ?? 0, isPoison ? k + POISON_SUFFIX : String(k));
    const updateKey = `${bot.botId}/${updateId}`;
    checker.took(chat, k, updateKey);
    onInjected({ bot, chat, k, kind, updateId, updateKey, isPoison });
  }

  /** `text` carries the number of the update, wherever its kind has room for it. */
  private async cause(kind: Kind, chat: PrivateChat, messageId: number, text: string): Promise<number> {
    const { telegram, buttonData } = this.options;
    switch (kind) {
      case 'message': {
        const written = await telegram.write(chat, text);
        this.newestMessage.set(chat.chat, written.messageId);
        return written.updateId;
      }
      case 'edited_message': return telegram.edit(chat, messageId, text);
      case 'callback_query': return telegram.press(chat, messageId, `${buttonData() ?? ''}${PRESS_SEPARATOR}${text}`);
      case 'message_reaction': return telegram.react(chat, messageId, text);
      case 'my_chat_member': return telegram.changeMember(chat, text);
    }
  }

  /** The middle of each of `poisons` equal parts of the run. */
  private isPoison(index: number): boolean {
    const { poisons, updates } = this.options;
    if (poisons === 0) return false;
    const part = Math.floor(updates / poisons);
    return index % part === Math.floor(part / 2) && index < part * poisons;
  }
}
