import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildArtefacts, compileBotSpec } from '@botplane/botspec';
import { ARTEFACT_FILES, BUCKETS, artefactKey } from '@botplane/contracts';
import type { ArtefactFile, Envelope, RouteRecord, RuntimeRecord } from '@botplane/contracts';
import { OUTBOUND_PARTITIONS, makeBotId, outboundPartition, sha256Hex } from '@botplane/domain';
import type { Json } from '@botplane/domain';
import { ROOT } from '@botplane/e2e';
import { ArtefactStore, makeInstallKey, sealEnvelope } from '@botplane/kit';
import type { InstallKey } from '@botplane/kit';
import { TypedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { ServerProcess, freePort, httpAnswers, makeTempFolder, removeTempFolder, startNats, startS3 } from '@botplane/testing';
import type { TestNats, TestS3 } from '@botplane/testing';

const POOL = 'bench_default';
const REVISION = 'bench-1';

export type ServiceName = 'ingress' | 'executor' | 'delivery' | 'runtime';

export interface InstallOptions {
  /** Root of the Bot API that every bot has. */
  telegramUrl: string;
  services: readonly ServiceName[];
  /** Environment of a service beyond what it needs anyhow. */
  env?: Partial<Record<ServiceName, Readonly<Record<string, string>>>>;
}

/** A built service as a process. */
export interface Running {
  server: ServerProcess;
  url: string;
}

export interface BenchBot {
  botId: string;
  /** What Telegram sends in its header. */
  webhookSecret: string;
}

/** What a bench measures: the built services as processes of their own on a broker that syncs each write. No Kubernetes. */
export class Install {
  readonly broker: TestNats;
  readonly nats: Nats;
  private readonly s3: TestS3;
  private readonly store: ArtefactStore;
  private readonly routes: TypedBucket<RouteRecord>;
  private readonly folder = makeTempFolder('bench');
  private readonly keys: { token: InstallKey; secrets: InstallKey };
  private readonly processes: Running[] = [];
  private readonly byName = new Map<ServiceName, Running>();
  private readonly telegramUrl: string;

  private constructor(parts: { broker: TestNats; s3: TestS3; nats: Nats; telegramUrl: string }) {
    this.broker = parts.broker;
    this.s3 = parts.s3;
    this.nats = parts.nats;
    this.routes = new TypedBucket(parts.nats.jsm, BUCKETS.routes);
    this.telegramUrl = parts.telegramUrl;
    const { endpoint, accessKey, secretKey, bucket } = parts.s3;
    this.store = new ArtefactStore({ S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket, S3_REGION: 'us-east-1' });
    this.keys = { token: this.installKey('token'), secrets: this.installKey('secrets') };
  }

  /** One process of each service, all ready. */
  static async start({ telegramUrl, services, env = {} }: InstallOptions): Promise<Install> {
    const [broker, s3] = await Promise.all([startNats({ syncAlways: true }), startS3()]);
    const nats = await openNats({ url: broker.url, name: 'bench' });
    await ensureTopology(nats.jsm);
    const install = new Install({ broker, s3, nats, telegramUrl });
    await Promise.all(services.map(async (name) => install.byName.set(name, await install.startService(name, env[name]))));
    return install;
  }

  url(name: ServiceName): string {
    return this.byName.get(name)?.url ?? '';
  }

  /** One more process, ready; `more` over the environment that the service has here. Ends with the install at the latest. */
  async startService(name: ServiceName, more: Readonly<Record<string, string>> = {}): Promise<Running> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = { HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn', NODE_ENV: 'production', ...(await this.envOf(name)), ...more };
    const args = [...(name === 'runtime' ? ['--no-node-snapshot'] : []), join(ROOT, 'services', name, 'dist/main.js')];
    const server = new ServerProcess({ name, command: process.execPath, args, env, ready: () => httpAnswers(`${url}/readyz`) }, join(this.folder, `${name}-${port}.log`));
    this.processes.push({ server, url });
    await server.start();
    return { server, url };
  }

  /** Makes this the one runtime pod of all bots. */
  async announceRuntime(address: string): Promise<void> {
    await new TypedBucket<RuntimeRecord>(this.nats.jsm, BUCKETS.runtimes).put(POOL, { v: 1, pods: [{ name: 'runtime', uid: 'runtime', address }] });
  }

  /** As many bots as OUTBOUND has partitions, one in each, all of one spec. */
  async addBots(spec: Json): Promise<BenchBot[]> {
    return Promise.all(Array.from({ length: OUTBOUND_PARTITIONS }, (_, partition) => this.addBot(botIdInPartition(partition), spec)));
  }

  /** kill -9 of the broker and of every service at once; what they stored stays. */
  async crash(): Promise<void> {
    await Promise.all([this.broker.kill(), ...this.processes.map(({ server }) => server.kill())]);
  }

  /** Starts the first process of a service again after a crash; resolves when it is ready. */
  async restart(name: ServiceName): Promise<void> {
    await this.byName.get(name)?.server.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map(({ server }) => server.stop()));
    this.store.close();
    await this.nats.connection.close();
    await Promise.all([this.broker.stop(), this.s3.stop()]);
    removeTempFolder(this.folder);
  }

  /** What the operator does for a Bot. `code`: put behind the compiled one, for what no compiler would make. */
  async addBot(botId: string, spec: Json, code = ''): Promise<BenchBot> {
    const compiled = compileBotSpec(spec);
    if (!compiled.ok) throw new Error(`the bot of the bench does not compile: ${JSON.stringify(compiled.errors)}`);
    const built = buildArtefacts({ botId, spec, compiled, limits: { memoryMiB: 0, cpuMs: 0 }, secretNames: [] });
    const files = code === '' ? built.files : withCode(built, code);
    for (const file of ARTEFACT_FILES) await this.store.put(artefactKey(botId, built.revHash, file), Buffer.from(files[file]), 'application/octet-stream');
    const credential = `${botId}.token`;
    const secret = { token: `1:${randomBytes(16).toString('hex')}`, apiRoot: this.telegramUrl };
    await new TypedBucket<Envelope>(this.nats.jsm, BUCKETS.credentials).put(credential, sealEnvelope(this.keys.token, credential, JSON.stringify(secret)));
    const webhookSecret = randomBytes(16).toString('hex');
    await this.routes.put(botId, {
      v: 1, botId, uid: botId, routeSeq: 1, state: 'Serving', split: [{ revision: REVISION, weight: 100 }], revisions: { [REVISION]: { revHash: built.revHash, runtime: POOL } },
      stateKey: 'chat', webhookSecretSha256: sha256Hex(webhookSecret), telegram: { id: 1, username: 'bench_bot' },
    });
    return { botId, webhookSecret };
  }

  /** What the operator does first when a Bot is deleted: what waits for it is dropped. */
  async deleteBot({ botId }: BenchBot): Promise<void> {
    const route = await this.routes.get(botId);
    if (route !== undefined) await this.routes.put(botId, { ...route.value, routeSeq: route.value.routeSeq + 1, state: 'Deleted' });
  }

  private async envOf(name: ServiceName): Promise<Record<string, string>> {
    const nats = { NATS_URL: this.broker.url };
    switch (name) {
      case 'ingress':
        return nats;
      case 'delivery':
        return { ...nats, BOTPLANE_TOKEN_KEY_FILE: this.keyFile('token') };
      case 'executor': {
        const { endpoint, accessKey, secretKey, bucket } = this.s3;
        return { ...nats, S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket, BOTPLANE_SECRETS_KEY_FILE: this.keyFile('secrets') };
      }
      case 'runtime': {
        const grpcPort = String(await freePort());
        await this.announceRuntime(`127.0.0.1:${grpcPort}`);
        return { GRPC_PORT: grpcPort, SANDBOX_HOSTS: '1' };
      }
    }
  }

  private keyFile(name: string): string {
    return join(this.folder, `${name}.key`);
  }

  /** Made here and written where services read it. */
  private installKey(name: string): InstallKey {
    const bytes = randomBytes(32);
    writeFileSync(this.keyFile(name), bytes.toString('base64'), { mode: 0o600 });
    return makeInstallKey(bytes);
  }
}

function withCode({ files, passport }: ReturnType<typeof buildArtefacts>, code: string): Record<ArtefactFile, string> {
  const bot = files['bot.js'] + code;
  return { ...files, 'bot.js': bot, 'rev.json': JSON.stringify({ ...passport, files: { ...passport.files, 'bot.js': { sha256: sha256Hex(bot), bytes: Buffer.byteLength(bot) } } }) };
}

function botIdInPartition(partition: number): string {
  for (let attempt = 0; ; attempt++) {
    const botId = makeBotId('bench', `b${partition}-${attempt}`);
    if (outboundPartition(botId) === partition) return botId;
  }
}
