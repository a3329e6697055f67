import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FairScheduler } from './fair-scheduler.ts';
import type { HeadResult } from './run-update.ts';

const log: string[] = [];
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
    const scheduler = new FairScheduler({ runningMax: 8, runningPerBotMax: 8 });
    scheduler.enqueue('bot', 'k', item('a', { retryAfterMs: 20 }, { retryAfterMs: 0 }));
    scheduler.enqueue('bot', 'k', item('b'));
    expect(scheduler.chainLength('k')).toBe(2);
    await done(4);
    expect(log).toEqual(['a', 'a', 'a', 'b']);
    await expect.poll(() => scheduler.chainLength('k')).toBe(0);
  });

  it('serves bots in turns, however many chats one of them has', async () => {
    log.length = 0;
    const scheduler = new FairScheduler({ runningMax: 1, runningPerBotMax: 1 });
    for (let n = 0; n < 20; n++) scheduler.enqueue('flood', `f${n}`, item('flood'));
    scheduler.enqueue('calm', 'c', item('calm'));
    await done(21);
    expect(log.indexOf('calm')).toBeLessThanOrEqual(2);
  });

  it('keeps a place free of heads that wait, and one bot within its share', async () => {
    log.length = 0;
    const scheduler = new FairScheduler({ runningMax: 4, runningPerBotMax: 2 });
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
    const scheduler = new FairScheduler({ runningMax: 4, runningPerBotMax: 4 });
    scheduler.enqueue('bot', 'k', item('running'));
    scheduler.enqueue('bot', 'k', item('never'));
    scheduler.drop('k');
    await sleep(30);
    expect(log).toEqual(['running']);
    scheduler.enqueue('bot', 'k', item('anew'));
    await done(2);
  });
});
