import { setTimeout as sleep } from 'node:timers/promises';
import { STREAMS } from '@botplane/contracts';
import { UPDATE_PARTITIONS } from '@botplane/domain';
import type { BenchRun } from '../framework/bench-run.ts';
import { Install } from '../install.ts';
import type { BenchBot, Running } from '../install.ts';
import { makeSender } from '../load/senders.ts';
import { makeMessage } from '../load/updates.ts';
import { SleepingRuntime } from '../world/sleeping-runtime.ts';
import { FIVE_STEPS } from './pipeline-bot.ts';

const RATIO_MIN = 2.6;
const EXECUTORS = 3;
const IN_FLIGHT = 6;
const STEP_MS = 20;
/** What is counted of a round, and what goes before: executors that were just started are slow until their code is compiled. */
const ROUND_MS = 6_000;
const ROUND_MS_QUICK = 4_000;
const WARM_UP_MS = 4_000;
const CHATS = 2_000;
/** Updates under way for each executor: enough for all six places at any time, though partitions and chats are not quite even. */
const OUTSTANDING = 128;
/** Partitions have found their owners within this. */
const SETTLE_MS_MAX = 30_000;
/** What is under way at the end of a round is answered within this. */
const DRAIN_MS_MAX = 10_000;
const POLL_MS = 50;

/**
 * Answered updates per second of three executors against one, each with six in flight and steps of 20 ms. The steps sleep, so that two
 * processors are enough for three executors; ownership, claims, records and outbox are as in production, on a broker that syncs each write.
 */
export async function scaleOut(bench: BenchRun): Promise<boolean> {
  const runtime = await SleepingRuntime.start(STEP_MS);
  const install = await Install.start({ telegramUrl: 'http://127.0.0.1:9', services: [] });
  try {
    await install.announceRuntime(runtime.address);
    const scene = new Scene(install, await install.addBots(FIVE_STEPS));
    const durationMs = bench.isQuick ? ROUND_MS_QUICK : ROUND_MS;
    const { of, foreignShare } = await bench.measure({ ours: () => scene.perSecond(EXECUTORS, durationMs), reference: () => scene.perSecond(1, durationMs) });
    return bench.report({ kind: 'ratio', figure: 'updates_per_s_3_against_1', ours: of.ours, reference: of.reference, goal: { min: RATIO_MIN }, foreignShare });
  } finally {
    await install.stop();
    runtime.stop();
  }
}

class Scene {
  private readonly executors: Running[] = [];
  private nextUpdateId = 1;

  constructor(
    private readonly install: Install,
    private readonly bots: readonly BenchBot[],
  ) {}

  /** Answers per second that are stored for delivery, while people hand in the next update as soon as one is answered. */
  async perSecond(executors: number, durationMs: number): Promise<number> {
    await this.scale(executors);
    const { nats, broker } = this.install;
    await nats.jsm.streams.purge(STREAMS.outbound);
    const sender = await makeSender({ via: 'published', natsUrl: broker.url, bots: [...this.bots] });
    const feed = new Feed(executors * OUTSTANDING, () => {
      const updateId = this.nextUpdateId++;
      return sender.send(makeMessage(updateId, updateId % CHATS, 0));
    });
    const subscription = nats.connection.subscribe('out.>', { callback: () => feed.answered() });
    await nats.connection.flush();
    feed.fill();
    await sleep(WARM_UP_MS);
    const [before, startedMs] = [feed.answers, performance.now()];
    await sleep(durationMs);
    const perSecond = ((feed.answers - before) * 1_000) / (performance.now() - startedMs);
    await feed.end();
    subscription.unsubscribe();
    await sender.close();
    return perSecond;
  }

  /** Resolves when every partition has an owner and no executor has more than its share. */
  private async scale(count: number): Promise<void> {
    await Promise.all(this.executors.splice(count).map(({ server }) => server.stop()));
    while (this.executors.length < count) {
      this.executors.push(await this.install.startService('executor', { BOTPLANE_UPDATES_RUNNING_MAX: String(IN_FLIGHT), HOSTNAME: `executor-${this.executors.length}` }));
    }
    const shareMax = Math.ceil(UPDATE_PARTITIONS / count);
    for (const untilMs = performance.now() + SETTLE_MS_MAX; ; await sleep(POLL_MS)) {
      const owned = await Promise.all(this.executors.map(ownedPartitions));
      if (owned.every((partitions) => partitions <= shareMax) && owned.reduce((sum, partitions) => sum + partitions, 0) === UPDATE_PARTITIONS) return;
      if (performance.now() > untilMs) throw new Error(`${count} executors own ${owned.join(' + ')} partitions after ${SETTLE_MS_MAX / 1_000} s`);
    }
  }
}

/** Keeps so many updates under way. */
class Feed {
  answers = 0;
  private underway = 0;
  private isEnding = false;

  constructor(
    private readonly outstandingMax: number,
    private readonly send: () => Promise<void>,
  ) {}

  fill(): void {
    for (; this.underway < this.outstandingMax && !this.isEnding; this.underway++) void this.send();
  }

  answered(): void {
    this.answers++;
    this.underway--;
    this.fill();
  }

  /** Resolves when all is answered: nothing was lost on the way. */
  async end(): Promise<void> {
    this.isEnding = true;
    for (const untilMs = performance.now() + DRAIN_MS_MAX; this.underway > 0; await sleep(POLL_MS)) {
      if (performance.now() > untilMs) throw new Error(`${this.underway} updates were not answered within ${DRAIN_MS_MAX / 1_000} s`);
    }
  }
}

async function ownedPartitions({ url }: Running): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^botplane_executor_partitions_owned (\d+)$/m.exec(text)?.[1] ?? 0);
}
