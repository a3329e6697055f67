import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@botplane/e2e';
import { BOTS, BOT_RUNTIMES, K8sClient, NAMESPACES, PODS, Reflector, SECRETS, getCondition, typed } from '@botplane/k8s';
import type { Bot, BotRuntime, Pod } from '@botplane/k8s';
import { openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { ServerProcess, becomesTrue, freePort, httpAnswers, makeTempFolder, removeTempFolder, startControlPlane, startNats, startS3 } from '@botplane/testing';
import type { TestControlPlane, TestNats, TestS3 } from '@botplane/testing';
import { SERVICES } from '../../../tools/images/services.mjs';

/** How the operator's image starts Node. */
const IMAGE = SERVICES.operator;
const INSTALL_NAMESPACE = 'botplane-system';
export const BOT_NAMESPACE = 'bench';
const BOT = typed<Bot>(BOTS);
const READY_MS_MAX = 60_000;
/** Requests of the bench to kube-apiserver at once. */
const PARALLEL = 48;

/** A built operator as a process. */
export class OperatorProcess {
  readonly name: string;
  readonly url: string;
  private readonly server: ServerProcess;
  private readonly logFile: string;

  constructor(name: string, options: { port: number; env: Record<string, string>; logFile: string }) {
    this.name = name;
    this.url = `http://127.0.0.1:${options.port}`;
    this.logFile = options.logFile;
    const env = { ...options.env, HOST: '127.0.0.1', PORT: String(options.port), POD_NAME: name, LOG_LEVEL: 'info', NODE_ENV: 'production', ...IMAGE.env };
    const args = [...IMAGE.options, join(ROOT, 'operator/dist/main.js')];
    this.server = new ServerProcess({ name, command: process.execPath, args, env, ready: () => httpAnswers(`${this.url}/readyz`) }, options.logFile);
  }

  /** Resolves once it could lead. */
  start(): Promise<void> {
    return this.server.start();
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  kill(): Promise<void> {
    return this.server.kill();
  }

  /** The most memory that the process ever had resident, in MiB. */
  peakMiB(): number {
    const status = readFileSync(`/proc/${this.server.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
  }

  /** Sum of the samples of a metric whose line holds all the given words. */
  async metric(name: string, ...words: string[]): Promise<number> {
    const lines = (await (await fetch(`${this.url}/metrics`)).text()).split('\n').filter((line) => line.startsWith(name) && words.every((word) => line.includes(word)));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  isLeading(): Promise<boolean> {
    return this.metric('leader_election_master_status').then((value) => value === 1, () => false);
  }

  get log(): string {
    return readFileSync(this.logFile, 'utf8');
  }
}

/** What a bench of the operator measures it in: kube-apiserver with an audit log, kube-controller-manager, NATS, S3, simulator, one runtime pod. */
export class OperatorWorld {
  readonly cluster: TestControlPlane;
  readonly client: K8sClient;
  readonly nats: Nats;
  /** What of Bots a bench asks for. */
  readonly bots: Reflector<Bot>;
  readonly simulatorUrl: string;
  private readonly parts: { natsServer: TestNats; s3: TestS3; servers: ServerProcess[]; pods: Reflector<Pod>; folder: string };
  private readonly operators: OperatorProcess[] = [];
  private readonly tokens = new Map<string, string>();

  private constructor(cluster: TestControlPlane, client: K8sClient, nats: Nats, simulatorUrl: string, parts: OperatorWorld['parts']) {
    this.cluster = cluster;
    this.client = client;
    this.nats = nats;
    this.simulatorUrl = simulatorUrl;
    this.parts = parts;
    this.bots = new Reflector(client, BOT, { namespace: BOT_NAMESPACE, transform: (bot) => ({ ...bot, spec: { platform: 'Telegram', tokenSecretRef: bot.spec.tokenSecretRef } }) });
  }

  static async start(): Promise<OperatorWorld> {
    const folder = makeTempFolder('bench-operator');
    const [cluster, natsServer, s3] = await Promise.all([startControlPlane({ controllerManager: true, crds: true, audit: true }), startNats(), startS3()]);
    const client = new K8sClient({ kubeconfigPath: cluster.kubeconfig, userAgent: 'bench' });
    const nats = await openNats({ url: natsServer.url, name: 'bench' });
    for (const key of ['token.key', 'secrets.key']) writeFileSync(join(folder, key), randomBytes(32).toString('base64'));
    const ip = `127.${randomInt(2, 250)}.${randomInt(1, 250)}.${randomInt(1, 250)}`;
    const simulatorPort = await freePort();
    const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
    const servers = [
      service(folder, 'simulator', { HOST: '127.0.0.1', PORT: String(simulatorPort) }, `${simulatorUrl}/_sim/stats`),
      service(folder, 'runtime', { HOST: ip, PORT: '8080', GRPC_PORT: '9090', SANDBOX_HOSTS: '1', LOG_LEVEL: 'warn' }, `http://${ip}:8080/readyz`),
    ];
    await Promise.all(servers.map((server) => server.start()));
    for (const name of [INSTALL_NAMESPACE, BOT_NAMESPACE]) await client.create(NAMESPACES, { metadata: { name } });
    const pods = keepPodsReady(client, ip);
    await client.create(typed<BotRuntime>(BOT_RUNTIMES), { metadata: { name: 'default', namespace: INSTALL_NAMESPACE }, spec: { allowedNamespaces: { from: 'All' } } });
    const world = new OperatorWorld(cluster, client, nats, simulatorUrl, { natsServer, s3, servers, pods, folder });
    world.bots.start();
    await world.bots.waitForSync();
    return world;
  }

  /** A new operator of this installation, not started yet. `ingressUrl`: where webhooks lead; nowhere unless bots are to be talked to. */
  async makeOperator(name: string, ingressUrl = 'http://127.0.0.1:1'): Promise<OperatorProcess> {
    const { folder } = this.parts;
    const env = {
      ...this.serviceEnv(), KUBECONFIG: this.cluster.kubeconfig, BOTPLANE_NAMESPACE: INSTALL_NAMESPACE, BOTPLANE_RUNTIME_IMAGE: 'botplane/runtime:bench',
      BOTPLANE_TELEGRAM_API: this.simulatorUrl, BOTPLANE_WEBHOOK_URL: ingressUrl,
    };
    const operator = new OperatorProcess(name, { port: await freePort(), env, logFile: join(folder, `${name}.log`) });
    this.operators.push(operator);
    return operator;
  }

  /** What an update goes through, as processes; returns the address of ingress. They end with the world. */
  async startPipeline(): Promise<string> {
    const { folder, servers } = this.parts;
    const started = await Promise.all((['ingress', 'executor', 'delivery'] as const).map(async (name) => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const server = service(folder, name, { ...this.serviceEnv(), HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn' }, `${url}/readyz`);
      servers.push(server);
      await server.start();
      return url;
    }));
    return started[0] ?? '';
  }

  /** Of a bot that {@link addTokens} made. */
  tokenOf(name: string): string {
    const token = this.tokens.get(name);
    if (token === undefined) throw new Error(`${name} has no token`);
    return token;
  }

  /** Tokens that the simulator knows, in Secrets of their bots' names. */
  async addTokens(names: readonly string[]): Promise<void> {
    await inParallel(names, async (name) => {
      const response = await fetch(`${this.simulatorUrl}/_sim/bots`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
      const { token } = (await response.json()) as { token: string };
      this.tokens.set(name, token);
      await this.client.create(SECRETS, { metadata: { name, namespace: BOT_NAMESPACE }, stringData: { token } });
    });
  }

  async addBots(names: readonly string[]): Promise<void> {
    await inParallel(names, (name) => this.addBot(name, { botSpec: specOf(name, 'one') }));
  }

  /** `spec` beside platform and token. */
  async addBot(name: string, spec: Partial<Bot['spec']>): Promise<void> {
    await this.client.create(BOT, { metadata: { name, namespace: BOT_NAMESPACE }, spec: { platform: 'Telegram', tokenSecretRef: { name }, ...spec } });
  }

  /** Calls of these methods that reached Telegram, of all the given bots. */
  async calls(names: readonly string[], methods: readonly string[]): Promise<number> {
    let total = 0;
    await inParallel(names, async (name) => {
      const { calls } = (await (await fetch(`${this.simulatorUrl}/_sim/calls?token=${this.tokens.get(name) ?? ''}`)).json()) as { calls: { method: string }[] };
      total += calls.filter(({ method }) => methods.includes(method)).length;
    });
    return total;
  }

  /** Gives a bot another text, and with it another revision; returns the generation to wait for. */
  async editBot(name: string, text: string): Promise<number> {
    return this.patchBot(name, { botSpec: specOf(name, text) });
  }

  /** Changes fields of a bot's spec as a person does, null removes one; returns the generation to wait for. */
  async patchBot(name: string, spec: object): Promise<number> {
    const bot = await this.client.patch(BOT, { namespace: BOT_NAMESPACE, name }, { type: 'merge', body: { spec } });
    return bot.metadata.generation ?? 0;
  }

  /** As last seen. */
  bot(name: string): Bot | undefined {
    return this.bots.store.get({ namespace: BOT_NAMESPACE, name });
  }

  /** Ready, and that generation at least. */
  isReady(name: string, generation = 1): boolean {
    const bot = this.bots.store.get({ namespace: BOT_NAMESPACE, name });
    const ready = getCondition(bot?.status?.conditions, 'Ready');
    return ready?.status === 'True' && (ready.observedGeneration ?? 0) >= generation;
  }

  /** Resolves with the time it took; fails after `msMax`. */
  async until(what: string, check: () => boolean | Promise<boolean>, msMax = READY_MS_MAX): Promise<number> {
    const startMs = performance.now();
    if (!(await becomesTrue(async () => check(), msMax))) throw new Error(`${what}: not within ${msMax / 1_000} s`);
    return performance.now() - startMs;
  }

  /** Addresses and keys; each process takes what it knows. */
  private serviceEnv(): Record<string, string> {
    const { natsServer, s3, folder } = this.parts;
    return {
      NATS_URL: natsServer.url, S3_ENDPOINT: s3.endpoint, S3_ACCESS_KEY: s3.accessKey, S3_SECRET_KEY: s3.secretKey, S3_BUCKET: s3.bucket,
      BOTPLANE_TOKEN_KEY_FILE: join(folder, 'token.key'), BOTPLANE_SECRETS_KEY_FILE: join(folder, 'secrets.key'),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.operators.map((operator) => operator.stop()));
    await Promise.all([this.bots.stop(), this.parts.pods.stop()]);
    await Promise.all([...this.parts.servers.map((server) => server.stop()), this.client.close(), this.nats.connection.close()]);
    await Promise.all([this.cluster.stop(), this.parts.natsServer.stop(), this.parts.s3.stop()]);
    removeTempFolder(this.parts.folder);
  }
}

/** Runs a task for each item, so many at once. */
export async function inParallel<T>(items: readonly T[], task: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = [...items];
  await Promise.all(Array.from({ length: PARALLEL }, async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await task(item);
  }));
}

const specOf = (name: string, text: string) => ({
  meta: { name, locales: ['en'], defaultLocale: 'en' },
  commands: [{ command: 'start', description: 'Start', flow: 'hello' }],
  fallback: { flow: 'hello' },
  flows: { hello: { steps: [{ reply: { text } }] } },
});

function service(folder: string, name: 'simulator' | 'runtime' | 'ingress' | 'executor' | 'delivery', env: Record<string, string>, readyUrl: string): ServerProcess {
  const args = [...(name === 'runtime' ? ['--no-node-snapshot'] : []), join(ROOT, 'services', name, 'dist/main.js')];
  return new ServerProcess({ name, command: process.execPath, args, env: { NODE_ENV: 'production', ...env }, ready: () => httpAnswers(readyUrl) }, join(folder, `${name}.log`));
}

/** Stands in for a kubelet: pods of runtimes are ready at the address of the one runtime process. */
function keepPodsReady(client: K8sClient, ip: string): Reflector<Pod> {
  const pods = new Reflector(client, PODS, { labelSelector: 'botplane.dev/runtime' });
  const keep = async ({ metadata: { name, namespace = '', deletionTimestamp }, status }: Pod): Promise<void> => {
    if (deletionTimestamp !== undefined || status?.podIP === ip) return;
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }];
    await client.patch(PODS, { namespace, name }, { type: 'strategic', body: { status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions } } }, { subresource: 'status' });
  };
  pods.addHandler({ onAdd: keep, onUpdate: keep });
  pods.start();
  return pods;
}
