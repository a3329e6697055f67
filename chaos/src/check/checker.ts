import type { DlqEntry } from '@botplane/contracts';
import { EXAMPLES_MAX } from '../limits.ts';
import { Arrivals } from './arrivals.ts';
import { ChatLog } from './chat-log.ts';
import { describeRepeat, explainRepeats } from './repeats.ts';
import type { Crash, Repeat } from './repeats.ts';

export interface Verdict {
  injected: number;
  /** Updates without an answer, effects that the state forgot, and dead letters. */
  lost: number;
  /** Updates processed twice, and repeated messages that no crash explains. */
  duplicated: number;
  reordered: number;
  /** Repeated messages that were with Telegram when a sender died. */
  ambiguous: number;
  /** Texts that the bot should never have sent. */
  unexpected: number;
  /** The first violations, for people. */
  examples: string[];
}

/** What is known of an update before the simulator has it. */
export interface NewUpdate {
  /** Telegram's queue. Default: that of messages. */
  queue?: string;
  isPoison?: boolean;
}

export interface CheckerOptions {
  /** What the bot says for an update beside its answer, after it. Default: nothing. */
  extraTexts?: (k: number) => readonly string[];
}

const ANSWER = /^(\d+) (\d+)$/;

/**
 * Judges what people saw, from the simulator's record alone. The bot counts each update of a chat (n) and answers with n and the
 * update's own number (k), which the update carries. The rules are those of `ChatLog` and `explainRepeats`.
 */
export class Checker {
  readonly arrivals = new Arrivals();
  private readonly chats = new Map<number, ChatLog>();
  private readonly byUpdate = new Map<string, { chat: ChatLog; k: number }>();
  private readonly repeats: Repeat[] = [];
  private readonly examples: string[] = [];
  private readonly buried = new Set<string>();
  private injectedCount = 0;
  private settledCount = 0;
  private overtaken = 0;
  private unexpected = 0;
  private deadLetters = 0;

  private readonly extraTexts: (k: number) => readonly string[];

  constructor({ extraTexts = () => [] }: CheckerOptions = {}) {
    this.extraTexts = extraTexts;
  }

  /** Updates that nobody answered yet. */
  get outstanding(): number {
    return this.injectedCount - this.settledCount;
  }

  get injected(): number {
    return this.injectedCount;
  }

  get settled(): number {
    return this.settledCount;
  }

  /** Chats in which somebody wrote. */
  get chatCount(): number {
    return this.chats.size;
  }

  outstandingOf(chatId: number): number {
    return this.chats.get(chatId)?.outstanding ?? 0;
  }

  /** Chats with an update that is not answered. */
  waitingChats(): number {
    let count = 0;
    for (const chat of this.chats.values()) if (chat.outstanding > 0) count++;
    return count;
  }

  /** Call before an update goes out; returns its number k in its chat. */
  inject(chatId: number, { queue = 'chat', isPoison = false }: NewUpdate = {}): number {
    const chat = this.chatOf(chatId);
    this.injectedCount++;
    const k = chat.updates.push({ queue, isPoison, updateKey: undefined });
    for (const text of this.extraTexts(k)) chat.extras.set(text, k);
    return k;
  }

  /** The simulator took the update. Within a chat one update goes out after the other, so a higher k has a higher update_id. */
  took(chatId: number, k: number, updateKey: string): void {
    const chat = this.chatOf(chatId);
    const update = chat.updates[k - 1];
    if (update === undefined) throw new RangeError(`chat ${chatId} has no update ${k}`);
    update.updateKey = updateKey;
    this.byUpdate.set(updateKey, { chat, k });
  }

  isAnswered(updateKey: string): boolean {
    const known = this.byUpdate.get(updateKey);
    return known?.chat.isAnswered(known.k) ?? false;
  }

  /** A message that reached a chat, in the order of the simulator's record. */
  message(chatId: number, text: string, timeMs: number): void {
    const chat = this.chatOf(chatId);
    const match = ANSWER.exec(text);
    const extraOf = chat.extras.get(text);
    const [n, k] = [Number(match?.[1]), extraOf ?? Number(match?.[2])];
    const update = chat.updates[k - 1];
    if (update === undefined || update.isPoison) return this.otherText(chat, text);
    const beforeMs = chat.lastCopyMs.get(text);
    chat.lastCopyMs.set(text, timeMs);
    if (beforeMs !== undefined) return this.repeat({ chat: chatId, text, beforeMs, againMs: timeMs }, chat);
    chat.newestText = text;
    if (extraOf !== undefined) return this.extra(chat, text, k);
    if (!chat.isAnswered(k)) this.settledCount++;
    chat.answer(n, k);
  }

  /** Chats, of these, of which a call can be with Telegram now or was so lately that it may not be on record. */
  chatsUnderWay(isOne: (chatId: number) => boolean, sinceMs: number): number {
    let count = 0;
    for (const [chatId, chat] of this.chats) if (isOne(chatId) && chat.isUnderWay(sinceMs)) count++;
    return count;
  }

  /** An entry of the DLQ that is not there on purpose. One whose update was never answered is counted as that. */
  deadLetter({ botId, subjectId, reason, payload }: DlqEntry): void {
    this.note(`${botId}/${subjectId} is in the DLQ: ${reason}`);
    const { chat_id: chatId, text } = (payload as { params?: { chat_id?: unknown; text?: unknown } }).params ?? {};
    const k = Number(ANSWER.exec(String(text))?.[2]);
    const known = this.byUpdate.get(`${botId}/${subjectId}`) ?? { chat: this.chats.get(Number(chatId)), k };
    const name = `${known.chat?.chatId}/${known.k}`;
    if (known.chat?.updates[known.k - 1] !== undefined && !known.chat.isAnswered(known.k) && !this.buried.has(name)) this.buried.add(name);
    else this.deadLetters++;
  }

  /** `crashes`: every moment at which a sender died with calls under way. */
  finish(crashes: readonly Crash[] = []): Verdict {
    const note = (example: string): void => this.note(example);
    const sum = { lost: this.deadLetters, duplicated: 0, reordered: this.overtaken };
    for (const chat of this.chats.values()) {
      const counts = chat.judge(this.arrivals, note);
      sum.lost += counts.lost;
      sum.duplicated += counts.duplicated;
      sum.reordered += counts.reordered;
    }
    const { ambiguous, unexplained } = explainRepeats(this.repeats, crashes);
    for (const repeat of unexplained) note(describeRepeat(repeat, crashes));
    return { injected: this.injectedCount, ...sum, duplicated: sum.duplicated + unexplained.length, ambiguous, unexpected: this.unexpected, examples: this.examples };
  }

  private chatOf(chatId: number): ChatLog {
    let chat = this.chats.get(chatId);
    if (chat === undefined) this.chats.set(chatId, (chat = new ChatLog(chatId)));
    return chat;
  }

  /** A poisoned update is answered by the bot's errorText, once. */
  private otherText(chat: ChatLog, text: string): void {
    if (!ANSWER.test(text) && chat.apologies < chat.updates.filter(({ isPoison }) => isPoison).length) {
      chat.apologies++;
      this.settledCount++;
      return;
    }
    this.unexpected++;
    this.note(`chat ${chat.chatId}: the bot said ${JSON.stringify(text.slice(0, 80))}`);
  }

  private repeat(repeat: Repeat, chat: ChatLog): void {
    this.repeats.push(repeat);
    // One call of a chat is under way at a time, so only the newest message may come twice.
    if (repeat.text === chat.newestText) return;
    this.overtaken++;
    this.note(`chat ${repeat.chat}: '${repeat.text}' came again after '${chat.newestText}'`);
  }

  private extra(chat: ChatLog, text: string, k: number): void {
    if (chat.isAnswered(k)) return;
    this.overtaken++;
    this.note(`chat ${chat.chatId}: '${text}' came before the answer to update ${k}`);
  }

  private note(example: string): void {
    if (this.examples.length < EXAMPLES_MAX) this.examples.push(example);
  }
}
