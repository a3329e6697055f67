import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { COUNTING_SPEC, Checker, Feeder, Recorder, Telegram, nameTestBots, readDeadLetters } from '@botplane/chaos';
import type { TestBot, Verdict } from '@botplane/chaos';
import { openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { Cluster } from './cluster.ts';
import { CALM_MS, CHATS, OUTSTANDING_MAX, ROLLOUT_S_MAX, SETTLE_MS_MAX, UPDATES_MAX, UPDATES_PER_SECOND } from './limits.ts';
import { reach } from './reach.ts';
import type { Way } from './reach.ts';

/** Where `nameTestBots` puts the bots. */
const NAMESPACE = 'chaos';
const PACE_MS = 50;
/** A repeated answer would follow the first within this, ms. */
const ECHO_MS = 2_000;

/** What must be zero after each disturbance. */
type Counts = Pick<Verdict, 'lost' | 'duplicated' | 'reordered' | 'unexpected'>;
const NOTHING: Counts = { lost: 0, duplicated: 0, reordered: 0, unexpected: 0 };

/** People that write to test bots of the cluster at a steady rate, and the judge of `make chaos` who reads what they see. */
export class Load {
  private readonly checker = new Checker();
  private readonly recorder: Recorder;
  private readonly feeder: Feeder;
  private readonly pace: NodeJS.Timeout;
  private readonly buried = new Set<string>();
  private failure: Error | undefined;
  private isFlowing = false;
  private updatesPerSecond = UPDATES_PER_SECOND;
  private sentBefore: Counts = NOTHING;

  private constructor(private readonly telegram: Telegram, private readonly nats: Nats, private readonly bots: readonly TestBot[], private readonly ways: readonly Way[]) {
    this.recorder = new Recorder(telegram, this.checker);
    this.feeder = new Feeder({
      telegram, checker: this.checker, bots, chats: CHATS, updates: UPDATES_MAX, outstandingMax: OUTSTANDING_MAX, poisons: 0, seed: randomInt(1_000_000), isTextOnly: true,
      buttonData: () => undefined, onInjected: () => undefined,
    });
    const fail = (error: Error): void => void (this.failure ??= error);
    this.recorder.start(bots, fail);
    this.feeder.run().catch(fail);
    let lookedMs = Date.now();
    let allowed = 0;
    this.pace = setInterval(() => {
      const ms = Date.now() - lookedMs;
      lookedMs += ms;
      if (!this.isFlowing) return;
      // A second in which people had to wait is made up for by no burst.
      allowed = Math.min(Math.max(allowed, this.checker.injected) + (this.updatesPerSecond * ms) / 1_000, this.checker.injected + this.updatesPerSecond);
      this.feeder.allow(Math.floor(allowed));
    }, PACE_MS);
  }

  static async start(cluster: Cluster): Promise<Load> {
    const ways = [await reach(cluster, 'simulator', 8080), await reach(cluster, 'nats', 4222)] as const;
    const telegram = new Telegram(`http://${ways[0].address}`);
    const nats = await openNats({ url: `nats://${ways[1].address}`, name: 'e2e-cluster' });
    return new Load(telegram, nats, await makeBots(cluster, telegram), ways);
  }

  /** Lets people write before, while and after the cluster is disturbed, waits until all of it is answered, and tells what went wrong meanwhile. */
  async during(name: string, disturb: () => Promise<void>): Promise<Counts> {
    const [sinceMs, injectedBefore] = [Date.now(), this.checker.injected];
    this.isFlowing = true;
    try {
      await sleep(CALM_MS);
      await disturb();
      await sleep(CALM_MS);
    } finally {
      this.isFlowing = false;
    }
    const seconds = (Date.now() - sinceMs) / 1_000;
    const injected = this.checker.injected - injectedBefore;
    await this.settle();
    const verdict = this.checker.finish();
    const counts: Counts = { lost: verdict.lost - this.sentBefore.lost, duplicated: verdict.duplicated - this.sentBefore.duplicated, reordered: verdict.reordered - this.sentBefore.reordered, unexpected: verdict.unexpected - this.sentBefore.unexpected };
    this.sentBefore = verdict;
    if (JSON.stringify(counts) !== JSON.stringify(NOTHING)) for (const example of verdict.examples) print(`  ! ${example}`);
    print(`cluster ${name}: injected=${injected} lost=${counts.lost} duplicated=${counts.duplicated} reordered=${counts.reordered} within ${seconds.toFixed(0)} s (${(injected / seconds).toFixed(0)}/s)`);
    return counts;
  }

  /** How much people write from now on; UPDATES_PER_SECOND at the start. Much more than the cluster can do is a crowd of OUTSTANDING_MAX that waits. */
  writeAt(updatesPerSecond: number): void {
    this.updatesPerSecond = updatesPerSecond;
  }

  async stop(): Promise<void> {
    clearInterval(this.pace);
    this.feeder.stop();
    await this.recorder.stop();
    await this.telegram.close();
    await this.nats.connection.close();
    for (const way of this.ways) way.close();
  }

  private async settle(): Promise<void> {
    const endMs = Date.now() + SETTLE_MS_MAX;
    while (this.checker.outstanding > 0 && Date.now() < endMs && this.failure === undefined) await sleep(100);
    await sleep(ECHO_MS);
    if (this.failure !== undefined) throw this.failure;
    for (const letter of await readDeadLetters(this.nats, new Set(this.bots.map(({ botId }) => botId)))) {
      const id = `${letter.botId}/${letter.subjectId}`;
      if (!this.buried.has(id)) this.checker.deadLetter(letter);
      this.buried.add(id);
    }
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Bots as people apply them, one per partition of OUTBOUND, and Ready. */
async function makeBots(cluster: Cluster, telegram: Telegram): Promise<TestBot[]> {
  let number = 700_000 + randomInt(100_000);
  const bots = nameTestBots({ takeBotNumber: () => number++ });
  for (const { token } of bots) await telegram.addBot(token, `b_${token.slice(-12)}`);
  await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }]);
  await cluster.apply(bots.flatMap(({ botId, token }) => {
    const metadata = { name: botId.split('_')[1] ?? '', namespace: NAMESPACE };
    const bot = { apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', metadata, spec: { platform: 'Telegram', tokenSecretRef: { name: metadata.name, key: 'token' }, botSpec: COUNTING_SPEC } };
    return [{ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token } }, bot];
  }));
  await cluster.kubectl(['wait', '--for=condition=Ready', 'bots', '--all', '--namespace', NAMESPACE, `--timeout=${ROLLOUT_S_MAX}s`]);
  return bots;
}
