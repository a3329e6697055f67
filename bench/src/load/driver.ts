import { percentile } from '../framework/statistics.ts';
import type { Drive, Driven } from './orders.ts';
import { makeSender } from './senders.ts';
import type { Sender } from './senders.ts';
import { makeCheckout, makeMessage, readAnswer } from './updates.ts';

/** After the last update every answer must be there within this. */
const DRAIN_MS_MAX = 30_000;
const TICK_MS = 1;
/** Spreads consecutive updates over chats. */
const STRIDE = 7_919;

/** Sends updates and waits for their answers at the fake Telegram. Times are of this process alone. */
export class Driver {
  private nextUpdateId = 1;
  /** Updates without an answer, and how many are still on their way in. */
  private readonly open = new Set<number>();
  private sending = 0;
  private times: number[] = [];
  private repeated = 0;
  private fromMs = Number.POSITIVE_INFINITY;
  private untilMs = Number.POSITIVE_INFINITY;
  private failure: Error | undefined;

  /** A text reached the fake Telegram. */
  answered(text: string): void {
    const answer = readAnswer(text);
    if (answer === undefined) return;
    if (!this.open.delete(answer.updateId)) {
      this.repeated++;
      return;
    }
    const nowMs = performance.now();
    if (nowMs >= this.fromMs && nowMs < this.untilMs) this.times.push(nowMs - answer.dueMs);
  }

  async drive(drive: Drive): Promise<Driven> {
    const sender = await makeSender(drive.target);
    const startMs = performance.now();
    Object.assign(this, { times: [], repeated: 0, fromMs: startMs + drive.warmUpMs, untilMs: startMs + drive.warmUpMs + drive.ms });
    const sent = await this.send(sender, drive, startMs);
    await this.drain();
    await sender.close();
    const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => percentile(this.times, share)) as [number, number, number];
    return { answered: this.times.length, seconds: drive.ms / 1_000, sent, repeated: this.repeated, p50Ms, p95Ms, p99Ms };
  }

  private async send(sender: Sender, { what, chats, perSecond, outstandingMax, sendingMax, count }: Drive, startMs: number): Promise<number> {
    const make = what === 'pre_checkout' ? makeCheckout : makeMessage;
    let sent = 0;
    const isOver = (): boolean => (count === undefined ? performance.now() >= this.untilMs : sent >= count);
    while (!isOver()) {
      if (this.failure) throw this.failure;
      const due = perSecond === 0 ? Number.POSITIVE_INFINITY : ((performance.now() - startMs) / 1_000) * perSecond;
      while (sent < Math.min(due, count ?? due) && this.sending < sendingMax && this.open.size < outstandingMax) {
        const dueMs = perSecond === 0 ? performance.now() : startMs + (sent / perSecond) * 1_000;
        const message = make(this.nextUpdateId++, (sent++ * STRIDE) % chats, dueMs);
        this.open.add(message.updateId);
        this.sending++;
        sender.send(message).then(() => this.sending--, (error: Error) => (this.failure = error));
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    return sent;
  }

  /** The next measurement must not meet what is left of this one. */
  private async drain(): Promise<void> {
    const untilMs = performance.now() + DRAIN_MS_MAX;
    while (this.open.size > 0 || this.sending > 0) {
      if (this.failure) throw this.failure;
      if (performance.now() > untilMs) throw new Error(`${this.open.size} updates were never answered`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
