import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FairScheduler } from './fair-scheduler.ts';
import type { ChainItem, SchedulerLimits } from './fair-scheduler.ts';
import type { HeadResult } from './run-update.ts';

const log: string[] = [];
const schedulerOf = (limits: Partial<SchedulerLimits>): FairScheduler => new FairScheduler({ runningMax: 8, runningPerBotMax: 8, awayMax: 8, returnedPerBotMax: 8, returnsSpread: 0, returnsSpreadMsMax: 60_000, ...limits });
const item = (name: string, ...results: HeadResult[]): { run: () => Promise<HeadResult> } => ({
  run: async () => {
    log.push(name);
    await sleep(1);
    return results.shift() ?? 'settled';
  },
});
const done = async (count: number): Promise<void> => {
  await expect.poll(() => log.length, { timeout: 2_000, interval: 2 }).toBe(count);
};

describe('FairScheduler', () => {
  it('runs a chain one after the other, and nothing overtakes a head that is tried again', async () => {
    log.length = 0;
    const scheduler = schedulerOf({});
    scheduler.enqueue('bot', 'k', item('a', { retryAfterMs: 20 }, { retryAfterMs: 0 }));
    scheduler.enqueue('bot', 'k', item('b'));
    expect(scheduler.chainLength('k')).toBe(2);
    await done(4);
    expect(log).toEqual(['a', 'a', 'a', 'b']);
    await expect.poll(() => scheduler.chainLength('k')).toBe(0);
  });

  it('serves bots in turns, however many chats one of them has', async () => {
    log.length = 0;
    const scheduler = schedulerOf({ runningMax: 1, runningPerBotMax: 1 });
    for (let n = 0; n < 20; n++) scheduler.enqueue('flood', `f${n}`, item('flood'));
    scheduler.enqueue('calm', 'c', item('calm'));
    await done(21);
    expect(log.indexOf('calm')).toBeLessThanOrEqual(2);
  });

  it('keeps a place free of heads that wait, and one bot within its share', async () => {
    log.length = 0;
    const scheduler = schedulerOf({ runningMax: 4, runningPerBotMax: 2 });
    for (let n = 0; n < 10; n++) scheduler.enqueue('stuck', `s${n}`, item(`stuck`, { retryAfterMs: 60_000 }));
    let most = 0;
    const timer = setInterval(() => (most = Math.max(most, scheduler.runningCount)), 0);
    await done(10);
    clearInterval(timer);
    expect(most).toBeLessThanOrEqual(2);
    scheduler.enqueue('other', 'o', item('other'));
    await done(11);
    for (let n = 0; n < 10; n++) scheduler.drop(`s${n}`);
  });

  it('forgets what is dropped', async () => {
    log.length = 0;
    const scheduler = schedulerOf({ runningMax: 4, runningPerBotMax: 4 });
    scheduler.enqueue('bot', 'k', item('running'));
    scheduler.enqueue('bot', 'k', item('never'));
    scheduler.drop('k');
    await sleep(30);
    expect(log).toEqual(['running']);
    scheduler.enqueue('bot', 'k', item('anew'));
    await done(2);
  });

  /** One that waits for what `end` resolves, in a place that it left, and then works until `finish`. */
  class Caller implements ChainItem {
    readonly answer = Promise.withResolvers<void>();
    readonly finish = Promise.withResolvers<void>();

    constructor(private readonly name: string) {}

    async run(place: Parameters<ChainItem['run']>[0]): Promise<HeadResult> {
      log.push(`${this.name} asks`);
      await place.leaveFor(() => this.answer.promise);
      log.push(`${this.name} is back`);
      await this.finish.promise;
      return 'settled';
    }
  }

  it('gives the places of those that wait for others to whoever is ready, up to a bound', async () => {
    log.length = 0;
    const scheduler = schedulerOf({ runningMax: 1, awayMax: 2 });
    const callers = ['a', 'b', 'c'].map((name) => new Caller(name));
    for (const [n, caller] of callers.entries()) scheduler.enqueue(`bot-${n}`, `k${n}`, caller);
    scheduler.enqueue('other', 'o', item('other'));
    expect(log).toEqual(['a asks', 'b asks', 'c asks']);
    expect(scheduler.runningCount).toBe(1); // The third one keeps its place.
    for (const { answer, finish } of callers) {
      answer.resolve();
      finish.resolve();
    }
    await done(7);
    await expect.poll(() => scheduler.runningCount).toBe(0);
    expect(log).toContain('other');
  });

  it('lets a crowd that comes back at once go on by and by, and others beside it', async () => {
    log.length = 0;
    const scheduler = schedulerOf({ returnedPerBotMax: 2 });
    const callers = Array.from({ length: 6 }, (_, n) => new Caller(`c${n}`));
    for (const [n, caller] of callers.entries()) scheduler.enqueue('crowd', `c${n}`, caller);
    expect(scheduler.runningCount).toBe(0);
    for (const { answer } of callers) answer.resolve();
    await done(8);
    scheduler.enqueue('other', 'o', item('other'));
    await done(9);
    await sleep(20);
    expect(log.slice(6)).toEqual(['c0 is back', 'c1 is back', 'other']);
    callers[0]?.finish.resolve();
    await done(10);
    expect(log.at(-1)).toBe('c2 is back');
    for (const { finish } of callers) finish.resolve();
    await done(13);
    await expect.poll(() => scheduler.runningCount).toBe(0);
  });

  it('spreads a crowd that was away for long over a share of that time, and holds up no single one', async () => {
    log.length = 0;
    const scheduler = schedulerOf({ returnsSpread: 0.5 });
    const [first, ...crowd] = Array.from({ length: 8 }, (_, n) => new Caller(`c${n}`));
    for (const [n, caller] of [first, ...crowd].entries()) if (caller) scheduler.enqueue('crowd', `c${n}`, caller);
    for (const caller of [first, ...crowd]) caller?.finish.resolve();
    await sleep(400);
    const backAt: number[] = [];
    const startMs = performance.now();
    for (const caller of [first, ...crowd]) caller?.answer.resolve();
    for (let back = 0; back < 8; await sleep(1)) for (const now = log.length - 8; back < now; back++) backAt.push(performance.now() - startMs);
    expect(log.slice(8)).toEqual(Array.from({ length: 8 }, (_, n) => `c${n} is back`));
    // One every 400 ms × 0.5 / 8 at the earliest; the first at once.
    for (const [n, ms] of backAt.entries()) expect(ms).toBeGreaterThanOrEqual(n * 25 - 3);
    await expect.poll(() => scheduler.runningCount).toBe(0);
  });

  it('takes a failed wait for what it is, and counts the bot\'s own that wait among its share', async () => {
    log.length = 0;
    const scheduler = schedulerOf({ runningPerBotMax: 1 });
    const caller = new Caller('a');
    scheduler.enqueue('bot', 'k', { run: (place) => caller.run(place).catch(() => ({ retryAfterMs: 0 })) });
    scheduler.enqueue('bot', 'l', item('second'));
    expect(log).toEqual(['a asks']);
    caller.answer.reject(new Error('away'));
    await expect.poll(() => log).toContain('second');
    expect(scheduler.runningCount).toBeLessThanOrEqual(1);
    scheduler.drop('k');
    scheduler.drop('l');
  });
});
