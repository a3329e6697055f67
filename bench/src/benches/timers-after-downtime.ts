import { setTimeout as sleep } from 'node:timers/promises';
import { HEADERS, subjects, updateMessageId } from '@botplane/contracts';
import { updatePartition } from '@botplane/domain';
import { JetPublisher } from '@botplane/nats';
import type { BenchRun } from '../framework/bench-run.ts';
import { median } from '../framework/statistics.ts';
import { Install } from '../install.ts';
import type { ServiceName } from '../install.ts';
import { FakeTelegram } from '../load/fake-telegram.ts';
import type { FakeCall } from '../load/fake-telegram.ts';

const LATE_MS_MAX = 1_000;
const TIMERS_FULL = 500;
const TIMERS_QUICK = 100;
/** Long enough for all chats to begin to wait before the first timer is due. */
const WAIT_S = 8;
const DOWN_MS_MIN = 1_000;
/** How often services are asked whether they are ready. */
const READY_POLL_MS = 5;
const GIVE_UP_MS = 60_000;

/** A question that nobody answers, and what the bot says then. */
const SPEC = {
  meta: { name: 'Timers', locales: ['en'], defaultLocale: 'en' },
  fallback: { flow: 'wait' },
  flows: { wait: { steps: [{ ask: { text: 'waiting', timeout: { after: `${WAIT_S}s`, goto: 'late' } } }], labels: { late: [{ reply: { text: 'late' } }] } } },
};

/** All that a timer needs to get to Telegram. */
const SERVICES: readonly ServiceName[] = ['runtime', 'executor', 'delivery'];

/**
 * Timers that fall due while everything is down (broker and services killed). What counts is from the moment when the last of the services,
 * started all at once, is ready until Telegram has the last call: before that no call can get there, whatever timers do, and how long processes
 * take to boot is the machine's affair. That time, from the start of the processes on, is printed beside it.
 */
export async function timersAfterDowntime(bench: BenchRun): Promise<boolean> {
  const calls = new Calls();
  const telegram = new FakeTelegram((call) => calls.take(call));
  const install = await Install.start({ telegramUrl: `http://127.0.0.1:${await telegram.listen()}`, services: SERVICES });
  try {
    const { botId } = await install.addBot('bench_timers', SPEC);
    const round = new Round(install, calls, botId, bench.isQuick ? TIMERS_QUICK : TIMERS_FULL);
    const { of, foreignShare } = await bench.measure({ last: () => round.run() });
    const all = of.last;
    console.log(`sample: ${bench.rounds} rounds of ${bench.isQuick ? TIMERS_QUICK : TIMERS_FULL} timers that were due; the first was at Telegram ${all.map(({ firstMs }) => firstMs.toFixed(0)).join(', ')} ms after readiness, the last ${all.map(({ sinceStartMs }) => sinceStartMs.toFixed(0)).join(', ')} ms after the start of the processes`);
    const reference = { what: 'from the start of the processes', value: median(all.map(({ sinceStartMs }) => sinceStartMs)) };
    return bench.report({ kind: 'absolute', figure: 'last_timer', values: all.map(({ lastMs }) => lastMs), unit: 'ms', limit: { max: LATE_MS_MAX }, reference, foreignShare });
  } finally {
    await install.stop();
    telegram.close();
  }
}

/** When each chat's call with a text was at Telegram first. */
class Calls {
  private watched: { text: string; firstChat: number } | undefined;
  private arrivals = new Map<number, number>();

  watch(text: string, firstChat: number): void {
    this.watched = { text, firstChat };
    this.arrivals = new Map();
  }

  take({ text, chatId }: FakeCall): number {
    const { watched, arrivals } = this;
    if (watched !== undefined && text === watched.text && chatId >= watched.firstChat && !arrivals.has(chatId)) arrivals.set(chatId, performance.now());
    return 0;
  }

  async all(count: number): Promise<number[]> {
    for (const untilMs = performance.now() + GIVE_UP_MS; this.arrivals.size < count; await sleep(20)) {
      if (performance.now() > untilMs) throw new Error(`only ${this.arrivals.size} of ${count} chats got "${this.watched?.text}"`);
    }
    return [...this.arrivals.values()];
  }
}

class Round {
  private rounds = 0;

  constructor(
    private readonly install: Install,
    private readonly calls: Calls,
    private readonly botId: string,
    private readonly timers: number,
  ) {}

  async run(): Promise<{ firstMs: number; lastMs: number; sinceStartMs: number }> {
    const { install, calls, timers } = this;
    const firstChat = (this.rounds += 1) * 100_000;
    calls.watch('waiting', firstChat);
    const saidMs = performance.now();
    await this.say(firstChat);
    await calls.all(timers);
    if (performance.now() - saidMs > WAIT_S * 1_000) throw new Error(`${timers} chats took longer than ${WAIT_S} s to wait: timers fired before the crash`);
    await install.crash();
    await sleep(WAIT_S * 1_000 + DOWN_MS_MIN);
    await install.broker.restart();
    await untilConnected(install);
    calls.watch('late', firstChat);
    const startedMs = performance.now();
    const restarted = Promise.all(SERVICES.map((name) => install.restart(name)));
    const readyMs = Math.max(...(await Promise.all(SERVICES.map((name) => firstReady(`${install.url(name)}/readyz`)))));
    await restarted;
    const arrivals = await calls.all(timers);
    const lastMs = Math.max(...arrivals);
    return { firstMs: Math.min(...arrivals) - readyMs, lastMs: Math.max(0, lastMs - readyMs), sinceStartMs: lastMs - startedMs };
  }

  private async say(firstChat: number): Promise<void> {
    const publisher = new JetPublisher(this.install.nats.js);
    await Promise.all(Array.from({ length: this.timers }, async (_, n) => {
      const chat = firstChat + n;
      const update = { update_id: chat, message: { message_id: 1, date: Math.floor(Date.now() / 1_000), chat: { id: chat, type: 'private' }, from: { id: chat, is_bot: false, first_name: 'B' }, text: 'hello' } };
      await publisher.publish(subjects.update(updatePartition(this.botId, `c${chat}`), this.botId), JSON.stringify(update), {
        msgId: updateMessageId(this.botId, chat),
        headers: { [HEADERS.orderKey]: `c${chat}`, [HEADERS.stateKey]: `c${chat}`, [HEADERS.kind]: 'message', [HEADERS.updateId]: String(chat), [HEADERS.acceptedMs]: String(Date.now()) },
      });
    }));
  }
}

async function untilConnected(install: Install): Promise<void> {
  for (const untilMs = performance.now() + GIVE_UP_MS; performance.now() < untilMs; await sleep(100)) {
    if (await install.nats.connection.flush().then(() => true, () => false)) return;
  }
  throw new Error('the broker did not come back');
}

async function firstReady(url: string): Promise<number> {
  for (const untilMs = performance.now() + GIVE_UP_MS; performance.now() < untilMs; await sleep(READY_POLL_MS)) {
    if (await fetch(url).then(({ status }) => status === 200, () => false)) return performance.now();
  }
  throw new Error(`${url} did not get ready`);
}
