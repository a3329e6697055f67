import { setTimeout as sleep } from 'node:timers/promises';
import { HEADERS, subjects, updateMessageId } from '@botplane/contracts';
import type { OutboundCall } from '@botplane/contracts';
import { updatePartition } from '@botplane/domain';
import { JetPublisher } from '@botplane/nats';
import type { BenchRun } from '../framework/bench-run.ts';
import { Install } from '../install.ts';

const LATE_MS_MAX = 1_000;
const TIMERS_FULL = 500;
const TIMERS_QUICK = 100;
/** Long enough for all chats to begin to wait before the first timer is due. */
const WAIT_S = 8;
const DOWN_MS_MIN = 1_000;
/** How often the executor is asked whether it is ready. */
const READY_POLL_MS = 5;
const GIVE_UP_MS = 60_000;

/** A question that nobody answers, and what the bot says then. */
const SPEC = {
  meta: { name: 'Timers', locales: ['en'], defaultLocale: 'en' },
  fallback: { flow: 'wait' },
  flows: { wait: { steps: [{ ask: { text: 'waiting', timeout: { after: `${WAIT_S}s`, goto: 'late' } } }], labels: { late: [{ reply: { text: 'late' } }] } } },
};

/** Timers that fall due while everything is down (broker and services killed), from the readiness of the executor to the call that each causes. */
export async function timersAfterDowntime(bench: BenchRun): Promise<boolean> {
  const install = await Install.start({ telegramUrl: 'http://127.0.0.1:9', services: ['runtime', 'executor'] });
  try {
    const { botId } = await install.addBot('bench_timers', SPEC);
    const round = new Round(install, botId, bench.isQuick ? TIMERS_QUICK : TIMERS_FULL);
    const { of, foreignShare } = await bench.measure({ last: () => round.run() });
    console.log(`sample: ${bench.rounds} rounds of ${bench.isQuick ? TIMERS_QUICK : TIMERS_FULL} timers that were due; the first came ${of.last.map(({ firstMs }) => firstMs.toFixed(0)).join(', ')} ms after readiness`);
    return bench.report({ kind: 'absolute', figure: 'last_timer', values: of.last.map(({ lastMs }) => lastMs), unit: 'ms', limit: { max: LATE_MS_MAX }, foreignShare });
  } finally {
    await install.stop();
  }
}

class Round {
  private rounds = 0;

  constructor(
    private readonly install: Install,
    private readonly botId: string,
    private readonly timers: number,
  ) {}

  async run(): Promise<{ firstMs: number; lastMs: number }> {
    const { install, timers } = this;
    const firstChat = (this.rounds += 1) * 100_000;
    const waiting = this.watch('waiting', firstChat);
    const startedMs = performance.now();
    await this.say(firstChat);
    await waiting.all();
    if (performance.now() - startedMs > WAIT_S * 1_000) throw new Error(`${timers} chats took longer than ${WAIT_S} s to wait: timers fired before the crash`);
    await install.crash();
    await sleep(WAIT_S * 1_000 + DOWN_MS_MIN);
    await install.broker.restart();
    await untilConnected(install);
    const late = this.watch('late', firstChat);
    await install.nats.connection.flush();
    await install.restart('runtime');
    const restarted = install.restart('executor');
    const readyMs = await firstReady(`${install.url('executor')}/readyz`);
    await restarted;
    const arrivals = await late.all();
    return { firstMs: Math.min(...arrivals) - readyMs, lastMs: Math.max(0, Math.max(...arrivals) - readyMs) };
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

  /** Notes when each chat's call with this text is published for delivery. */
  private watch(text: string, firstChat: number): { all: () => Promise<number[]> } {
    const arrivals = new Map<string, number>();
    const subscription = this.install.nats.connection.subscribe('out.>', {
      callback: (_error, message) => {
        const call = message.json<OutboundCall>();
        if (call.params['text'] === text && Number(call.chat) >= firstChat) arrivals.set(String(call.chat), arrivals.get(String(call.chat)) ?? performance.now());
      },
    });
    const all = async (): Promise<number[]> => {
      for (const untilMs = performance.now() + GIVE_UP_MS; arrivals.size < this.timers; await sleep(20)) {
        if (performance.now() > untilMs) throw new Error(`only ${arrivals.size} of ${this.timers} chats got "${text}"`);
      }
      subscription.unsubscribe();
      return [...arrivals.values()];
    };
    return { all };
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
  throw new Error('the executor did not get ready');
}
