import { outboxMessageId, subjects } from '@botplane/contracts';
import type { OutboundCall } from '@botplane/contracts';
import { outboundPartition } from '@botplane/domain';
import { JetPublisher } from '@botplane/nats';
import type { BenchRun } from '../framework/bench-run.ts';
import { median } from '../framework/statistics.ts';
import { Install } from '../install.ts';
import type { BenchBot } from '../install.ts';
import { bulkText } from '../load/bulk-watch.ts';
import type { BulkSeen } from '../load/bulk-watch.ts';
import { LoadProcess } from '../load/load-process.ts';
import type { Drive, Driven } from '../load/orders.ts';
import { FIVE_STEPS } from './pipeline-bot.ts';

const RATE_SET = 30;
const PER_SECOND_MIN = 28.5;
const REPLY_P95_MS_ADDED_MAX = 50;
const FULL = { seconds: 20 } as const;
const QUICK = { seconds: 8 } as const;
/** Seldom enough that the refused bot is not frozen as a whole, which takes three chats at once. */
const REFUSE_EVERY_MS = 2_000;
const RETRY_AFTER_S = 3;
const REPLIES = { chats: 500, warmUpMs: 500, perSecond: 100, outstandingMax: 1_000, sendingMax: 64 } as const;
/** Published at the same time. */
const PUBLISHING_MAX = 256;
/** Bulk chats lie far from those that write. */
const FIRST_CHAT = 5_000_000;

/** A flood on a bot's bulk lane with the rate set to 30/s, while people talk to it and to its neighbours, against the same talk without it. */
export async function bulk(bench: BenchRun): Promise<boolean> {
  const load = await LoadProcess.start();
  const install = await Install.start({ telegramUrl: load.telegramUrl, services: ['executor', 'runtime', 'delivery'], env: { delivery: { BULK_PER_SECOND: String(RATE_SET) } } });
  try {
    const bots = await install.addBots(FIVE_STEPS);
    return await measure(bench, new Flood(install, load, bots), bots);
  } finally {
    await install.stop();
    load.stop();
  }
}

async function measure(bench: BenchRun, flood: Flood, bots: readonly BenchBot[]): Promise<boolean> {
  const { seconds } = bench.isQuick ? QUICK : FULL;
  const drive: Drive = { ...REPLIES, target: { via: 'published', natsUrl: flood.install.broker.url, bots }, ms: seconds * 1_000 - REPLIES.warmUpMs };
  await flood.load.drive({ ...drive, ms: 1_000 }); // Makes isolates and lets everything compile.
  const { of, foreignShare } = await bench.measure({ alone: () => flood.load.drive(drive), flooded: () => flood.during(seconds * RATE_SET, drive) });

  const seen = of.flooded.map((round) => round.seen);
  const added = of.flooded.map(({ driven }, n) => driven.p95Ms - (of.alone[n]?.p95Ms ?? Number.NaN));
  console.log(`sample: ${bench.rounds} rounds of ${seconds * RATE_SET} bulk messages at ${RATE_SET}/s, ${sum(seen, 'refused')} of them refused for ${RETRY_AFTER_S} s, ${sum(seen, 'repeated')} sent twice, at most ${Math.max(...seen.map((one) => one.perSecondMax))} in any second; ${REPLIES.perSecond} replies/s, p95 ${median(of.flooded.map(({ driven }) => driven.p95Ms)).toFixed(1)} ms, alone ${median(of.alone.map((driven) => driven.p95Ms)).toFixed(1)} ms`);
  return bench.report(
    { kind: 'absolute', figure: 'sends_per_s', values: seen.map((one) => (one.sent - 1) / one.seconds), unit: '/s', limit: { min: PER_SECOND_MIN }, foreignShare },
    { kind: 'absolute', figure: 'sends_inside_retry_after', values: [sum(seen, 'tooEarly')], unit: '', limit: { max: 0 }, foreignShare },
    { kind: 'absolute', figure: 'reply_p95_added', values: added, unit: 'ms', limit: { max: REPLY_P95_MS_ADDED_MAX }, foreignShare },
  );
}

const sum = (seen: readonly BulkSeen[], what: 'refused' | 'repeated' | 'tooEarly'): number => seen.reduce((total, one) => total + one[what], 0);

/** What a campaign to many people leaves in OUTBOUND: all at once, for one bot that people talk to as well. */
class Flood {
  private seq = 0;

  constructor(
    readonly install: Install,
    readonly load: LoadProcess,
    private readonly bots: readonly BenchBot[],
  ) {}

  async during(count: number, drive: Drive): Promise<{ driven: Driven; seen: BulkSeen }> {
    await this.load.watchBulk({ count, refuseEveryMs: REFUSE_EVERY_MS, retryAfterS: RETRY_AFTER_S });
    await this.publish(count);
    const driven = await this.load.drive(drive);
    return { driven, seen: await this.load.bulkDone(30_000) };
  }

  private async publish(count: number): Promise<void> {
    const publisher = new JetPublisher(this.install.nats.js);
    for (let from = 0; from < count; from += PUBLISHING_MAX) {
      const calls = Array.from({ length: Math.min(PUBLISHING_MAX, count - from) }, (_, n) => this.makeCall(from + n));
      await Promise.all(calls.map((call) => publisher.publish(subjects.outbound('bulk', outboundPartition(call.botId), call.botId), JSON.stringify(call), { msgId: `bulk:${outboxMessageId(call.botId, call.source.seq, 0)}` })));
    }
  }

  private makeCall(n: number): OutboundCall {
    const chat = FIRST_CHAT + n;
    const seq = ++this.seq;
    return { v: 1, botId: this.bots[0]?.botId ?? '', lane: 'bulk', chat: String(chat), source: { key: 'bench-bulk', seq, n: 0 }, method: 'sendMessage', params: { chat_id: chat, text: bulkText(seq) }, revision: 'bench-1', acceptedMs: Date.now() };
  }
}
