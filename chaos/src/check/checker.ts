import { EXAMPLES_MAX, IN_FLIGHT_MS_AFTER, IN_FLIGHT_MS_BEFORE } from '../limits.ts';

/** Something that may leave a call with Telegram that no record knows of: it excuses one repeated message per chat. */
export interface Crash {
  atMs: number;
}

export interface Verdict {
  injected: number;
  /** Updates without an answer, and effects that the state forgot. */
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

interface Answer {
  n: number;
  /** When its newest copy arrived. */
  lastMs: number;
}

interface Chat {
  injected: number;
  /** Numbers of updates that must end in the DLQ, ascending. */
  poisoned: number[];
  lastK: number;
  /** n minus the number of good updates up to k: 0 while everything counts once. */
  excess: number;
  answers: Map<number, Answer>;
  apologies: number;
}

interface Repeat {
  chat: number;
  k: number;
  /** The copy before this one, which was with Telegram when its sender died. */
  beforeMs: number;
  againMs: number;
}

const ANSWER = /^(\d+) (\d+)$/;

/**
 * Judges what people saw, from the simulator's record alone. The bot counts each update of a chat (n) and answers with n and the
 * update's own number (k), which the text of the person carries. So a jump of n is an update processed twice, a missing k a lost one,
 * the same pair again a repeated message, a lower k after a higher one a broken order.
 */
export class Checker {
  private readonly chats = new Map<number, Chat>();
  private readonly repeats: Repeat[] = [];
  private readonly examples: string[] = [];
  private injectedCount = 0;
  private settledCount = 0;
  private duplicated = 0;
  private reordered = 0;
  private forgotten = 0;
  private unexpected = 0;

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

  outstandingOf(chatId: number): number {
    const chat = this.chatOf(chatId);
    return chat.injected - chat.answers.size - chat.apologies;
  }

  /** Chats with an update that is not answered. */
  waitingChats(): number {
    let count = 0;
    for (const chat of this.chats.values()) if (chat.injected > chat.answers.size + chat.apologies) count++;
    return count;
  }

  /** Call before an update goes out; returns its number k in its chat. */
  inject(chatId: number, options: { isPoison?: boolean } = {}): number {
    const chat = this.chatOf(chatId);
    const k = ++chat.injected;
    if (options.isPoison === true) chat.poisoned.push(k);
    this.injectedCount++;
    return k;
  }

  /** A message that reached a chat, in the order of the simulator's record. */
  message(chatId: number, text: string, timeMs: number): void {
    const chat = this.chatOf(chatId);
    const match = ANSWER.exec(text);
    if (match === null) return this.otherText(chatId, chat, text);
    const [n, k] = [Number(match[1]), Number(match[2])];
    const known = chat.answers.get(k);
    if (known !== undefined && known.n === n) {
      this.repeat({ chat: chatId, k, beforeMs: known.lastMs, againMs: timeMs }, chat);
      known.lastMs = timeMs;
      return;
    }
    if (known === undefined) {
      chat.answers.set(k, { n, lastMs: timeMs });
      this.settledCount++;
    }
    this.judgeOrder(chatId, chat, k);
    this.judgeCount(chatId, chat, n, k);
  }

  /** `crashes`: every moment at which a sender died with calls under way. */
  finish(crashes: readonly Crash[] = []): Verdict {
    const missing = this.countMissing();
    const ambiguous = this.explain(crashes);
    return {
      injected: this.injectedCount,
      lost: missing + this.forgotten,
      duplicated: this.duplicated + this.repeats.length - ambiguous,
      reordered: this.reordered,
      ambiguous,
      unexpected: this.unexpected,
      examples: this.examples,
    };
  }

  private chatOf(chatId: number): Chat {
    let chat = this.chats.get(chatId);
    if (chat === undefined) this.chats.set(chatId, (chat = { injected: 0, poisoned: [], lastK: 0, excess: 0, answers: new Map(), apologies: 0 }));
    return chat;
  }

  /** A poisoned update is answered by the bot's errorText, once. */
  private otherText(chatId: number, chat: Chat, text: string): void {
    if (chat.apologies < chat.poisoned.length) {
      chat.apologies++;
      this.settledCount++;
      return;
    }
    this.unexpected++;
    this.note(`chat ${chatId}: the bot said ${JSON.stringify(text.slice(0, 80))}`);
  }

  private judgeOrder(chatId: number, chat: Chat, k: number): void {
    if (k > chat.lastK) {
      chat.lastK = k;
      return;
    }
    this.reordered++;
    this.note(`chat ${chatId}: update ${k} was answered after update ${chat.lastK}`);
  }

  private judgeCount(chatId: number, chat: Chat, n: number, k: number): void {
    const excess = n - (k - chat.poisoned.filter((poison) => poison <= k).length);
    if (excess === chat.excess) return;
    if (excess > chat.excess) this.duplicated += excess - chat.excess;
    else this.forgotten += chat.excess - excess;
    this.note(`chat ${chatId}: update ${k} got the count ${n} where ${n - excess + chat.excess} was due`);
    chat.excess = excess;
  }

  private repeat(repeat: Repeat, chat: Chat): void {
    this.repeats.push(repeat);
    // One call of a chat is under way at a time, so only the newest message may come twice.
    if (repeat.k < chat.lastK) {
      this.reordered++;
      this.note(`chat ${repeat.chat}: the answer to update ${repeat.k} came again after that to update ${chat.lastK}`);
    }
  }

  private countMissing(): number {
    let missing = 0;
    for (const [chatId, chat] of this.chats) {
      for (let k = 1; k <= chat.injected; k++) {
        if (chat.answers.has(k) || chat.poisoned.includes(k)) continue;
        missing++;
        this.note(`chat ${chatId}: update ${k} of ${chat.injected} was never answered`);
      }
      missing += chat.poisoned.length - chat.apologies;
    }
    return missing;
  }

  /** Each crash excuses one repeat per chat. */
  private explain(crashes: readonly Crash[]): number {
    const used = new Set<string>();
    let explained = 0;
    for (const { chat, k, beforeMs, againMs } of this.repeats) {
      const at = crashes.findIndex(({ atMs }, index) => beforeMs >= atMs - IN_FLIGHT_MS_BEFORE && beforeMs <= atMs + IN_FLIGHT_MS_AFTER && !used.has(`${index}/${chat}`));
      if (at < 0) {
        this.note(`chat ${chat}: the answer to update ${k} was sent twice, ${againMs - beforeMs} ms apart, and ${nearest(crashes, beforeMs)}`);
        continue;
      }
      used.add(`${at}/${chat}`);
      explained++;
    }
    return explained;
  }

  private note(example: string): void {
    if (this.examples.length < EXAMPLES_MAX) this.examples.push(example);
  }
}

/** How far the next crash was from a copy that none explains. */
function nearest(crashes: readonly Crash[], beforeMs: number): string {
  const next = crashes.map(({ atMs }) => atMs - beforeMs).filter((ms) => ms >= 0).toSorted((a, b) => a - b)[0];
  return next === undefined ? 'no sender died after that' : `the next sender died ${next} ms after the earlier copy`;
}
