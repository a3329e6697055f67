import type { Arrivals } from './arrivals.ts';

/** An update of a chat; its number k is its place here plus one. */
export interface SentUpdate {
  /** Telegram's queue of its kind: only within one does Telegram keep an order. */
  queue: string;
  isPoison: boolean;
  /** Set once the simulator gave it an id. */
  updateKey: string | undefined;
}

/** Counts of one chat that must all be zero. */
export interface ChatCounts {
  lost: number;
  duplicated: number;
  reordered: number;
}

interface Answer {
  n: number;
  k: number;
}

/** What one chat was sent and what it saw. */
export class ChatLog {
  readonly updates: SentUpdate[] = [];
  /** Texts that the bot said for poisoned updates. */
  apologies = 0;
  /** Every text of the bot that came, with the time of its newest copy. */
  readonly lastCopyMs = new Map<string, number>();
  /** The text that came last for the first time. */
  newestText = '';
  /** Messages beside answers that are due, and the number of the update of each. */
  readonly extras = new Map<string, number>();
  /** Different answers, as they came. */
  private readonly answers: Answer[] = [];
  private readonly answered = new Set<number>();

  constructor(readonly chatId: number) {}

  get outstanding(): number {
    return this.updates.length - this.answered.size - this.apologies;
  }

  isAnswered(k: number): boolean {
    return this.answered.has(k);
  }

  answer(n: number, k: number): void {
    this.answers.push({ n, k });
    this.answered.add(k);
  }

  /** Messages beside answers that nobody saw. */
  private missingExtras(): string[] {
    return [...this.extras.keys()].filter((text) => !this.lastCopyMs.has(text));
  }

  /** Whether a call of this chat can be with Telegram: something is due, or came so late that it may not be on record. */
  isUnderWay(sinceMs: number): boolean {
    return this.outstanding > 0 || (this.lastCopyMs.get(this.newestText) ?? 0) >= sinceMs || this.missingExtras().length > 0;
  }

  /** Numbers of updates that nobody answered. Apologies do not say which poisoned update they are for, so those count together. */
  missing(): number[] {
    return this.updates.flatMap(({ isPoison }, index) => (isPoison || this.answered.has(index + 1) ? [] : [index + 1]));
  }

  judge(arrivals: Arrivals, note: (example: string) => void): ChatCounts {
    const missing = this.missing();
    for (const k of missing) note(`chat ${this.chatId}: update ${k} of ${this.updates.length} was never answered`);
    const unsaid = this.missingExtras();
    for (const text of unsaid) note(`chat ${this.chatId}: '${text}' never came`);
    const unapologised = this.updates.filter(({ isPoison }) => isPoison).length - this.apologies;
    const { forgotten, twice } = this.judgeCounts(missing.length, note);
    return { lost: missing.length + unsaid.length + unapologised + forgotten, duplicated: twice, reordered: this.judgeOrder(arrivals, note) };
  }

  /**
   * The bot gave out the counts 1, 2, 3 and so on, one per update. A count that nobody saw, beyond those of updates without an answer,
   * or a second count of one update: it was processed twice. A count that two updates got: the state forgot one.
   */
  private judgeCounts(missing: number, note: (example: string) => void): { forgotten: number; twice: number } {
    const given = new Map<number, number>();
    let forgotten = 0;
    for (const { n, k } of this.answers) {
      const other = given.get(n);
      if (other === undefined) given.set(n, k);
      else {
        forgotten++;
        note(`chat ${this.chatId}: updates ${other} and ${k} both got the count ${n}`);
      }
    }
    const again = this.answers.length - this.answered.size;
    if (again > 0) note(`chat ${this.chatId}: ${again} updates were answered with two counts`);
    const skipped = Math.max(0, ...given.keys()) - given.size;
    const jumps = Math.max(0, skipped - missing);
    if (jumps > 0) note(`chat ${this.chatId}: ${skipped} counts were given out that no answer showed, where ${missing} updates have no answer`);
    return { forgotten, twice: again + jumps };
  }

  /**
   * Answers come as they were counted; within a queue by the number of the update, which grows with its update_id; across queues an
   * update that was stored before another was sent comes first.
   */
  private judgeOrder(arrivals: Arrivals, note: (example: string) => void): number {
    const lastOf = new Map<string, number>();
    const seen = new Set<number>();
    let lastN = 0;
    let newest = { fromMs: Number.NEGATIVE_INFINITY, k: 0 };
    let reordered = 0;
    for (const { n, k } of this.answers) {
      if (seen.has(k)) continue; // Processed twice: counted there.
      seen.add(k);
      const { queue, updateKey } = this.updates[k - 1] ?? { queue: '', updateKey: undefined };
      const arrival = arrivals.of(updateKey);
      const before = Math.max(lastOf.get(queue) ?? 0, arrival.storedMs < newest.fromMs ? newest.k : 0);
      if (k < (lastOf.get(queue) ?? 0) || arrival.storedMs < newest.fromMs || n < lastN) {
        reordered++;
        note(`chat ${this.chatId}: update ${k} (${queue}), counted as ${n}, was answered after ${n < lastN ? `the count ${lastN}` : `update ${before}`}`);
      }
      lastOf.set(queue, Math.max(lastOf.get(queue) ?? 0, k));
      lastN = Math.max(lastN, n);
      if (arrival.fromMs > newest.fromMs) newest = { fromMs: arrival.fromMs, k };
    }
    return reordered;
  }
}
