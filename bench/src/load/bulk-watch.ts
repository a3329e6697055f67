import type { FakeCall } from './fake-telegram.ts';

/** Bulk messages say so, and their number. */
export const bulkText = (n: number): string => `bulk ${n}`;

export interface BulkOrder {
  /** Messages that will come, one per chat. */
  count: number;
  /** So often one call is refused, for so long; none of the last ones, which would only delay the end. */
  refuseEveryMs: number;
  retryAfterS: number;
}

export interface BulkSeen {
  /** Messages that were taken. */
  sent: number;
  /** Between the first and the last of them. */
  seconds: number;
  repeated: number;
  refused: number;
  /** Calls to a chat before its retry_after was over. */
  tooEarly: number;
  /** The most that were taken within any one second. */
  perSecondMax: number;
}

/** Share of the messages, from the end, of which none is refused. */
const LAST_SHARE = 0.3;
/** Both clocks are this one, and a timer may fire early by a ms. */
const SLACK_MS = 2;

/** What a Telegram sees of a bulk lane, and the refusals by which it asks for pauses. */
export class BulkWatch {
  private order: BulkOrder = { count: 0, refuseEveryMs: Number.POSITIVE_INFINITY, retryAfterS: 0 };
  private readonly seen = new Set<string>();
  private readonly frozenUntil = new Map<number, number>();
  private timesMs: number[] = [];
  private refusedMs = 0;
  private counts = { repeated: 0, refused: 0, tooEarly: 0 };

  start(order: BulkOrder): void {
    this.order = order;
    this.seen.clear();
    this.frozenUntil.clear();
    this.timesMs = [];
    this.refusedMs = performance.now();
    this.counts = { repeated: 0, refused: 0, tooEarly: 0 };
  }

  /** Retry_after of a call that is refused; 0: taken. Undefined: it is none of ours. */
  take({ chatId, text }: FakeCall): number | undefined {
    if (!text.startsWith('bulk ')) return undefined;
    const nowMs = performance.now();
    if (nowMs < (this.frozenUntil.get(chatId) ?? 0) - SLACK_MS) this.counts.tooEarly++;
    if (this.mayRefuse(nowMs) && !this.frozenUntil.has(chatId)) return this.refuse(chatId, nowMs);
    if (this.seen.has(text)) this.counts.repeated++;
    this.seen.add(text);
    this.timesMs.push(nowMs);
    return 0;
  }

  /** Resolves when all were taken. */
  async done(msMax: number): Promise<BulkSeen> {
    const untilMs = performance.now() + msMax;
    while (this.seen.size < this.order.count) {
      if (performance.now() > untilMs) throw new Error(`${this.order.count - this.seen.size} of ${this.order.count} bulk messages never came`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const sent = this.timesMs.length;
    return { sent, seconds: ((this.timesMs.at(-1) ?? 0) - (this.timesMs[0] ?? 0)) / 1_000, ...this.counts, perSecondMax: mostWithin(this.timesMs, 1_000) };
  }

  private mayRefuse(nowMs: number): boolean {
    return nowMs - this.refusedMs >= this.order.refuseEveryMs && this.seen.size < this.order.count * (1 - LAST_SHARE);
  }

  private refuse(chatId: number, nowMs: number): number {
    this.refusedMs = nowMs;
    this.counts.refused++;
    this.frozenUntil.set(chatId, nowMs + this.order.retryAfterS * 1_000);
    return this.order.retryAfterS;
  }
}

function mostWithin(timesMs: readonly number[], ms: number): number {
  let most = 0;
  for (let from = 0, to = 0; to < timesMs.length; to++) {
    while ((timesMs[to] ?? 0) - (timesMs[from] ?? 0) >= ms) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
