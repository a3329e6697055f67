import { setTimeout as sleep } from 'node:timers/promises';
import type { Checker } from '../check/checker.ts';
import { RECORD_PAGE, RECORD_POLL_MS, RETRY_AFTER_SLACK_MS } from '../limits.ts';
import type { RecordedCall, Telegram } from '../world/telegram.ts';
import type { TestBot } from '../world/test-bots.ts';

/** Follows the simulator's record of every bot of a run and shows it to the checker. The record is bounded, so it is read all the time. */
export class Recorder {
  /** Calls that Telegram refused with 429. */
  refused = 0;
  /** Calls to a chat before the `retry_after` of its last refusal was over. */
  tooEarly = 0;
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
    this.loops = Promise.all(bots.map((bot) => this.follow(bot.token))).then(() => undefined, onError);
  }

  /** Reads what is there by now, and ends. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.loops;
  }

  private async follow(token: string): Promise<void> {
    let after = 0;
    for (;;) {
      const isLast = this.isStopping;
      const calls = await this.telegram.sentAfter(token, after);
      for (const call of calls) {
        // The bots of a run do nothing else once they send, so numbers without a gap prove that nothing was dropped unread.
        if (after > 0 && call.seq !== after + 1) throw new Error(`the simulator's record has a gap before ${call.seq}`);
        after = call.seq;
        this.take(call);
      }
      if (calls.length === RECORD_PAGE) continue;
      if (isLast) return;
      await sleep(RECORD_POLL_MS);
    }
  }

  private take(call: RecordedCall): void {
    if (call.chat_id === null) throw new Error('a message without a chat');
    if (call.time < (this.frozenUntilMs.get(call.chat_id) ?? 0) - RETRY_AFTER_SLACK_MS) this.tooEarly++;
    if (call.status === 429) {
      this.refused++;
      this.frozenUntilMs.set(call.chat_id, call.time + (call.response?.parameters?.retry_after ?? 0) * 1_000);
    }
    if (call.status === 200 && call.response?.ok === true) this.checker.message(call.chat_id, String(call.params.text), call.time);
  }
}
