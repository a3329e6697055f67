import { setTimeout as sleep } from 'node:timers/promises';
import type { Checker } from '../check/checker.ts';
import { DELIVERIES_POLL_MS, RECORD_PAGE, RECORD_POLL_MS, RETRY_AFTER_SLACK_MS } from '../limits.ts';
import type { RecordedCall, RecordedDelivery, Telegram } from '../world/telegram.ts';
import type { TestBot } from '../world/test-bots.ts';

/** Follows the simulator's record of every bot of a run and shows it to the checker. The record is bounded, so it is read all the time. */
export class Recorder {
  /** Calls that Telegram refused with 429. */
  refused = 0;
  /** Calls to a chat before the `retry_after` of its last refusal was over. */
  tooEarly = 0;
  /** Data of the button under the bots' answers, once one was seen; the same for all, since they are one program. */
  buttonData: string | undefined;
  private readonly frozenUntilMs = new Map<number, number>();
  private readonly telegram: Telegram;
  private readonly checker: Checker;
  private isStopping = false;
  private loops: Promise<void> = Promise.resolve();

  constructor(telegram: Telegram, checker: Checker) {
    this.telegram = telegram;
    this.checker = checker;
  }

  start(bots: readonly TestBot[], onError: (error: Error) => void): void {
    const loops = bots.flatMap((bot) => [
      this.follow(RECORD_POLL_MS, (after) => this.telegram.callsAfter(bot.token, after), (call) => this.take(call)),
      this.follow(DELIVERIES_POLL_MS, (after) => this.telegram.deliveriesAfter(bot.token, after), (delivery) => this.arrived(bot, delivery)),
    ]);
    this.loops = Promise.all(loops).then(() => undefined, onError);
  }

  /** Reads what is there by now, and ends. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.loops;
  }

  private async follow<T extends { seq: number }>(pollMs: number, read: (after: number) => Promise<T[]>, take: (entry: T) => void): Promise<void> {
    let after = 0;
    for (;;) {
      const isLast = this.isStopping;
      const entries = await read(after);
      for (const entry of entries) {
        // Numbers without a gap prove that nothing was dropped unread.
        if (after > 0 && entry.seq !== after + 1) throw new Error(`the simulator's record has a gap before ${entry.seq}`);
        after = entry.seq;
        take(entry);
      }
      if (entries.length === RECORD_PAGE) continue;
      if (isLast) return;
      await sleep(pollMs);
    }
  }

  private arrived(bot: TestBot, { update_id, time, ms, error }: RecordedDelivery): void {
    this.checker.arrivals.add(`${bot.botId}/${update_id}`, time, time + ms, error === undefined);
  }

  private take(call: RecordedCall): void {
    if (call.method.toLowerCase() !== 'sendmessage') return;
    if (call.chat_id === null) throw new Error('a message without a chat');
    if (call.time < (this.frozenUntilMs.get(call.chat_id) ?? 0) - RETRY_AFTER_SLACK_MS) this.tooEarly++;
    if (call.status === 429) {
      this.refused++;
      this.frozenUntilMs.set(call.chat_id, call.time + (call.response?.parameters?.retry_after ?? 0) * 1_000);
    }
    if (call.status !== 200 || call.response?.ok !== true) return;
    this.buttonData ??= /"callback_data":"([^"]+)"/.exec(JSON.stringify(call.params.reply_markup ?? null))?.[1];
    this.checker.message(call.chat_id, String(call.params.text), call.time);
  }
}
