import { setTimeout as sleep } from 'node:timers/promises';
import { K8sClient, NO_METRICS, SILENT_LOGGER, keyOf } from '@botplane/k8s';
import type { KubeObject, Reflector } from '@botplane/k8s';
import { becomesTrue, startFaultProxy, statusBody } from '@botplane/testing';
import type { FaultProxy } from '@botplane/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeWatches, startWatches, stopWatches, waitForWatches } from '../src/watches.ts';
import type { Watches } from '../src/watches.ts';
import { FAULTS, seeded } from './support/fault-plan.ts';
import type { OperatorProcess } from './support/operator-process.ts';
import { RouteWitness, repeatedWebhooks } from './support/side-effects.ts';
import { BOT, INSTALL_NAMESPACE, echoSpec, editBot, eventually, isServing, makeBot, startWorld } from './support/world.ts';
import type { World } from './support/world.ts';

/** `make soak NAME=operator` sets half an hour. */
const SOAK_MS = Number(process.env['SOAK_S'] ?? 90) * 1_000;
const SEED = Number(process.env['SEED'] ?? 1);
const BOTS = 8;
/** A store that differs from a fresh list for longer after a fault has missed an event. */
const CATCH_UP_MS = 30_000;
/** How long a fault lasts, and about the pause after it. */
const FAULT_PAUSE_MS = 2_000;

let world: World;
let proxy: FaultProxy;
let operator: OperatorProcess;
let client: K8sClient;
let watches: Watches;
let witness: RouteWitness;

beforeAll(async () => {
  world = await startWorld();
  proxy = await startFaultProxy(world.cluster);
  operator = world.anotherOperator({ KUBECONFIG: proxy.kubeconfig });
  // The operator's own watches once more, in this process, where their stores can be read.
  client = new K8sClient({ kubeconfigPath: proxy.kubeconfig });
  watches = makeWatches(client, INSTALL_NAMESPACE, { logger: SILENT_LOGGER, metrics: NO_METRICS });
  witness = new RouteWitness(world);
  startWatches(watches);
  await Promise.all([operator.start(), waitForWatches(watches), witness.ready]);
}, 120_000);

afterAll(async () => {
  await operator?.stop();
  await stopWatches(watches);
  await client?.close();
  await witness?.close();
  await proxy?.stop();
  await world?.stop();
});

const reflectors = (): Reflector<KubeObject>[] => Object.values(watches) as Reflector<KubeObject>[];
const versions = (objects: readonly KubeObject[]): string => objects.map((object) => `${keyOf(object)}@${object.metadata.resourceVersion}`).toSorted().join();

/** Those whose store is not what a fresh list has. */
async function differing(among = reflectors()): Promise<Reflector<KubeObject>[]> {
  const found: Reflector<KubeObject>[] = [];
  for (const reflector of among) {
    const { store, type } = reflector;
    const fresh = await world.client.listMetadata(type, reflector.labelSelector === undefined ? {} : { labelSelector: reflector.labelSelector });
    if (versions(fresh.items) !== versions(store.list())) found.push(reflector);
  }
  return found;
}

/** Kinds whose store was never what a fresh list had for as long as it may take to catch up. */
async function missedBy(fault: string): Promise<string[]> {
  let behind = reflectors();
  await becomesTrue(async () => (behind = await differing(behind)).length === 0, CATCH_UP_MS);
  return behind.map(({ type }) => `${type.kind} after ${fault}`);
}

/** Bots come, change and go, past the proxy, until told to stop. */
class Traffic {
  readonly tokens: string[] = [];
  edits = 0;
  private readonly names: string[] = [];
  private readonly stopped = new AbortController();

  constructor(private readonly namespace: string, private readonly random: () => number) {}

  async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      if (this.names.length < BOTS) await this.add();
      else if (this.random() < 0.25) await this.remove();
      else await this.edit();
      await sleep(200 + 400 * this.random(), undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  stop(): void {
    this.stopped.abort();
  }

  private async add(): Promise<void> {
    const name = `bot-${this.tokens.length}`;
    const token = await world.newToken();
    this.tokens.push(token);
    await world.secret(this.namespace, name, token);
    await world.client.create(BOT, makeBot(this.namespace, name, echoSpec('first')));
    this.names.push(name);
  }

  private async edit(): Promise<void> {
    const name = this.names[Math.floor(this.random() * this.names.length)] ?? '';
    await editBot(world, { namespace: this.namespace, name }, { botSpec: echoSpec(`text ${++this.edits}`) });
  }

  private async remove(): Promise<void> {
    const name = this.names.shift() ?? '';
    await world.client.delete(BOT, { namespace: this.namespace, name });
  }
}

async function settled(namespace: string): Promise<void> {
  let last = '';
  const isSettled = await becomesTrue(async () => {
    const { items } = await world.client.list(BOT, { namespace });
    last = items.filter((bot) => !isServing(bot)).map((bot) => `${bot.metadata.name}: ${JSON.stringify(bot.status?.conditions?.find(({ type }) => type === 'Reconciling'))}`).join('\n');
    return last === '';
  }, CATCH_UP_MS);
  if (!isSettled) throw new Error(`not Ready ${CATCH_UP_MS / 1_000} s after the last fault:\n${last}\n${operator.tail(10)}`);
}

/** Every store follows again, and by its watch alone. */
async function expectLiveWatches(namespace: string): Promise<string[]> {
  const lists = reflectors().map(({ stats }) => stats.lists);
  await world.secret(namespace, `probe-${Date.now()}`, 'x');
  const dead = reflectors().filter(({ lastError }) => lastError !== undefined).map(({ type }) => type.kind);
  dead.push(...(await missedBy('the last fault')));
  if (proxy.openWatches() < 2 * reflectors().length) dead.push(`${proxy.openWatches()} of ${2 * reflectors().length} watches are open`);
  reflectors().forEach(({ stats, type }, n) => stats.lists !== lists[n] && dead.push(`${type.kind} needed a list`));
  return dead;
}

it('[P7] a status that cannot be written after the webhook was set: it is not set again', async () => {
  const [namespace, token] = [await world.namespace(), await world.newToken()];
  const isStatusOfBot = (url = '') => url.includes(`/namespaces/${namespace}/bots/`) && url.includes('/status');
  // Leaves time between the webhook and the status that follows.
  await world.fault({ token, method: 'setMyCommands', kind: 'slow', delay_ms: 1_000, count: 1 });
  await world.secret(namespace, 'echo', token);
  await world.client.create(BOT, makeBot(namespace, 'echo', echoSpec('one')));
  await eventually(() => world.calls(token, 'setWebhook'), (calls) => calls.length > 0);
  let failed = 0;
  proxy.fail(({ method, url }) => method === 'PUT' && isStatusOfBot(url) && ++failed > 0, { status: 500, body: statusBody(500, 'InternalError') }, 3);
  await eventually(() => world.client.get(BOT, { namespace, name: 'echo' }), isServing);
  expect(failed).toBe(3);
  expect(await repeatedWebhooks(world, [token])).toEqual([]);
});

it('[K1] faults between operator and kube-apiserver: no missed event, no dead watch, nothing done twice', async () => {
  const random = seeded(SEED);
  const namespace = await world.namespace();
  const traffic = new Traffic(namespace, random);
  const running = traffic.run();
  const names = Object.keys(FAULTS);
  const endMs = Date.now() + SOAK_MS;
  let faults = 0;
  const missed: string[] = [];
  await sleep(FAULT_PAUSE_MS);
  // Every fault at least once; the silence comes last, since any other would end it.
  for (; faults < names.length || Date.now() < endMs; faults++) {
    const name = names[faults % names.length] ?? '';
    FAULTS[name]?.(proxy, random);
    await sleep(FAULT_PAUSE_MS);
    // A leader that is refused for ten seconds ends itself: between two faults there is time to renew.
    proxy.heal();
    // By turns a fault is recovered from, and met by the next one in the middle of that.
    if (faults % 2 === 0 || name === names.at(-1)) missed.push(...(await missedBy(name)));
    await sleep((FAULT_PAUSE_MS / 2) * (1 + random()));
  }
  missed.push(...(await missedBy('all faults')));
  traffic.stop();
  await running;
  await settled(namespace);
  const dead = await expectLiveWatches(namespace);
  const duplicates = [...witness.problems, ...(await repeatedWebhooks(world, traffic.tokens))];

  process.stdout.write(`soak operator: faults=${faults} edits=${traffic.edits} bots=${traffic.tokens.length} routes=${witness.puts} missed=${missed.length} dead=${dead.length} duplicates=${duplicates.length}\n`);
  for (const words of operator.lastWords) process.stdout.write(`soak operator: a process ended by itself and said last:\n${words}\n`);
  expect({ missed, dead, duplicates, exits: operator.exits }).toEqual({ missed: [], dead: [], duplicates: [], exits: [] });
}, SOAK_MS + 300_000);
