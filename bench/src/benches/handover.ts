import { setTimeout as sleep } from 'node:timers/promises';
import { OUTBOUND_PARTITIONS, UPDATE_PARTITIONS } from '@botplane/domain';
import type { BenchRun } from '../framework/bench-run.ts';
import { openLoop } from '../framework/open-loop.ts';
import { Install } from '../install.ts';
import type { BenchBot, Running } from '../install.ts';
import { FakeTelegram } from '../load/fake-telegram.ts';
import { makeSender } from '../load/senders.ts';
import type { Sender } from '../load/senders.ts';
import { makeMessage, readAnswer } from '../load/updates.ts';
import { FIVE_STEPS } from './pipeline-bot.ts';

const LOST_OWNER_MS_MAX = 10_000;
const SCALING_MS_MAX = 5_000;
/** Enough for every partition of both services to be talked to every other second. */
const PER_SECOND = 100;
const CHATS = 192;
/** The load before something happens to an owner, and after the partitions have found their new owners; in between it comes in turns of so long. */
const BEFORE_MS = 2_000;
const AFTER_MS = 2_000;
const TURN_MS = 250;
const IN_FLIGHT_MAX = 5_000;
/** Partitions have found their owners, and all answers have come, within this. */
const SETTLE_MS_MAX = 60_000;
const POLL_MS = 50;

const OWNERS = { executor: UPDATE_PARTITIONS, delivery: OUTBOUND_PARTITIONS } as const;
type Owner = keyof typeof OWNERS;

/** What happens to one of two owners (or beside them) under load; the second function puts things back when all is answered. */
type Happening = (scene: Scene) => Promise<() => Promise<void>>;

/**
 * The longest that anybody waits for an answer (from the time at which the message was due, until Telegram has the answer) while an owner of partitions is
 * killed, or stopped with SIGSTOP, and while one is added or leaves. Two executors and two deliveries on a broker that syncs each write.
 */
export async function handover(bench: BenchRun): Promise<boolean> {
  let answered = (_updateId: number): void => {};
  const telegram = new FakeTelegram(({ text }) => {
    const answer = readAnswer(text);
    if (answer) answered(answer.updateId);
    return 0;
  });
  const install = await Install.start({ telegramUrl: `http://127.0.0.1:${await telegram.listen()}`, services: ['runtime'] });
  try {
    const talk = new Talk(install, await install.addBots(FIVE_STEPS));
    answered = (updateId) => talk.answered(updateId);
    let isMet = true;
    for (const owner of ['executor', 'delivery'] as const) {
      const scene = new Scene(install, owner);
      const other = new Scene(install, owner === 'executor' ? 'delivery' : 'executor');
      await Promise.all([scene.settle(2), other.settle(1)]);
      const worst = async (happening: Happening): Promise<number> => {
        const { worstMs, happened: putBack } = await talk.during(async () => {
          const undo = await happening(scene);
          await scene.settle(scene.count);
          return undo;
        });
        await putBack();
        await scene.settle(2);
        return worstMs;
      };
      const { of, foreignShare } = await bench.measure({ killed: () => worst(killOne), paused: () => worst(pauseOne), added: () => worst(addOne), left: () => worst(letOneGo) });
      for (const [what, max] of Object.entries({ killed: LOST_OWNER_MS_MAX, paused: LOST_OWNER_MS_MAX, added: SCALING_MS_MAX, left: SCALING_MS_MAX })) {
        isMet = bench.report({ kind: 'absolute', figure: `${owner}_${what}`, values: of[what as keyof typeof of], unit: 'ms', limit: { max }, foreignShare }) && isMet;
      }
      await Promise.all([scene.settle(0), other.settle(0)]);
    }
    await talk.end();
    return isMet;
  } finally {
    await install.stop();
    telegram.close();
  }
}

const killOne: Happening = async (scene) => {
  const victim = scene.take();
  await victim.server.kill();
  return async () => {};
};

const pauseOne: Happening = async (scene) => {
  const victim = scene.take();
  const { pid } = victim.server;
  if (pid === undefined) throw new Error('the process to stop is gone');
  process.kill(pid, 'SIGSTOP');
  return async () => {
    process.kill(pid, 'SIGCONT');
    await victim.server.stop();
  };
};

const addOne: Happening = async (scene) => {
  await scene.add();
  return async () => {};
};

const letOneGo: Happening = async (scene) => {
  await scene.take().server.stop();
  return async () => {};
};

/** The processes of one service. */
class Scene {
  private readonly running: Running[] = [];

  constructor(
    private readonly install: Install,
    private readonly owner: Owner,
  ) {}

  get count(): number {
    return this.running.length;
  }

  async add(): Promise<void> {
    this.running.push(await this.install.startService(this.owner));
  }

  /** One of them, which is no longer counted. */
  take(): Running {
    const first = this.running.shift();
    if (!first) throw new Error(`no ${this.owner} runs`);
    return first;
  }

  /** Resolves when so many run and share the partitions evenly. */
  async settle(count: number): Promise<void> {
    while (this.running.length > count) await this.take().server.stop();
    while (this.running.length < count) await this.add();
    const partitions = OWNERS[this.owner];
    const shareMax = Math.ceil(partitions / Math.max(1, count));
    for (const untilMs = performance.now() + SETTLE_MS_MAX; ; await sleep(POLL_MS)) {
      const owned = await Promise.all(this.running.map(({ url }) => ownedPartitions(this.owner, url)));
      if (owned.every((some) => some <= shareMax) && (count === 0 || owned.reduce((sum, some) => sum + some, 0) === partitions)) return;
      if (performance.now() > untilMs) throw new Error(`${count} of ${this.owner} own ${owned.join(' + ')} partitions after ${SETTLE_MS_MAX / 1_000} s`);
    }
  }
}

/** People who talk to bots at a steady rate. */
class Talk {
  private nextUpdateId = 1;
  private readonly waiting = new Map<number, number>();
  private worstMs = 0;
  private readonly sender: Promise<Sender>;

  constructor(install: Install, bots: readonly BenchBot[]) {
    this.sender = makeSender({ via: 'published', natsUrl: install.broker.url, bots: [...bots] });
  }

  answered(updateId: number): void {
    const dueMs = this.waiting.get(updateId);
    if (dueMs === undefined) return;
    this.waiting.delete(updateId);
    this.worstMs = Math.max(this.worstMs, performance.now() - dueMs);
  }

  /** The longest wait for an answer while it happens and shortly after, ms. Throws when a message is never answered. */
  async during<T>(happen: () => Promise<T>): Promise<{ worstMs: number; happened: T }> {
    await this.goOn(BEFORE_MS);
    await this.allAnswered();
    this.worstMs = 0;
    let isOver = false;
    const meanwhile = async (): Promise<void> => {
      while (!isOver) await this.goOn(TURN_MS);
      await this.goOn(AFTER_MS);
    };
    const [happened] = await Promise.all([happen().finally(() => (isOver = true)), meanwhile()]);
    await this.allAnswered();
    return { worstMs: this.worstMs, happened };
  }

  private async goOn(durationMs: number): Promise<void> {
    const sender = await this.sender;
    const startedMs = performance.now();
    const { failed } = await openLoop({
      ratePerSecond: PER_SECOND,
      durationMs,
      inFlightMax: IN_FLIGHT_MAX,
      send: async (n) => {
        const updateId = this.nextUpdateId++;
        this.waiting.set(updateId, startedMs + (n * 1_000) / PER_SECOND);
        await sender.send(makeMessage(updateId, updateId % CHATS, 0));
        return true;
      },
    });
    if (failed > 0) throw new Error(`${failed} messages could not be handed in`);
  }

  async end(): Promise<void> {
    await (await this.sender).close();
  }

  private async allAnswered(): Promise<void> {
    for (const untilMs = performance.now() + SETTLE_MS_MAX; this.waiting.size > 0; await sleep(POLL_MS)) {
      if (performance.now() > untilMs) throw new Error(`${this.waiting.size} messages were not answered within ${SETTLE_MS_MAX / 1_000} s`);
    }
  }
}

async function ownedPartitions(owner: Owner, url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^botplane_${owner}_partitions_owned (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}
