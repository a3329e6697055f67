import { WAITERS_PER_BOT_MAX } from '../limits.ts';

/** Wakes everybody who waits for one topic, a chat for example. */
export class Signals<K> {
  private readonly waiting = new Map<K, Set<() => void>>();
  private count = 0;

  notify(topic: K): void {
    const waiters = this.waiting.get(topic);
    if (waiters) for (const wake of [...waiters]) wake();
  }

  /** Whether one more may wait. */
  get hasRoom(): boolean {
    return this.count < WAITERS_PER_BOT_MAX;
  }

  /** Resolves at the next notify, after `timeoutMs`, or when the caller gives up. */
  wait(topic: K, timeoutMs: number, abort: AbortSignal): Promise<void> {
    if (abort.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiters = this.waiting.get(topic) ?? new Set();
      this.waiting.set(topic, waiters);
      const done = (): void => {
        if (!waiters.delete(done)) return;
        this.count -= 1;
        if (waiters.size === 0 && this.waiting.get(topic) === waiters) this.waiting.delete(topic);
        clearTimeout(timer);
        abort.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      waiters.add(done);
      this.count += 1;
      abort.addEventListener('abort', done);
    });
  }
}

/** A long poll: looks, and looks again at each signal, until something is there or the time is over. */
export async function poll<K, T>(
  signals: Signals<K>,
  topic: K,
  waitMs: number,
  abort: AbortSignal,
  look: () => T | null,
): Promise<T | null> {
  const until = Date.now() + waitMs;
  for (;;) {
    const found = look();
    const left = until - Date.now();
    if (found !== null || left <= 0 || abort.aborted || !signals.hasRoom) return found;
    await signals.wait(topic, left, abort);
  }
}
