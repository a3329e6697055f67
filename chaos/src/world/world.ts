import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUCKETS } from '@botplane/contracts';
import type { RuntimeRecord } from '@botplane/contracts';
import { ArtefactStore, makeInstallKey } from '@botplane/kit';
import type { InstallKey } from '@botplane/kit';
import { TypedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { freePort, makeTempFolder, removeTempFolder, startNats, startS3 } from '@botplane/testing';
import type { TestNats, TestS3 } from '@botplane/testing';
import { CalledApi } from './called-api.ts';
import { API_HOST } from './deeds.ts';
import { ServiceProcess } from './service-process.ts';
import type { ServiceOptions } from './service-process.ts';
import { Telegram } from './telegram.ts';

export const POOL = 'botplane_default';

/** Services that run in several copies. */
export type Scaled = 'executor' | 'delivery' | 'runtime';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

interface Parts {
  folder: string;
  broker: TestNats;
  s3: TestS3;
  nats: Nats;
  store: ArtefactStore;
  simulator: ServiceProcess;
  ingress: ServiceProcess;
  api: CalledApi;
}

/** Everything that an install has but Kubernetes: broker, object store, and the built services as child processes on loopback. */
export class World {
  readonly broker: TestNats;
  readonly nats: Nats;
  readonly store: ArtefactStore;
  readonly telegram: Telegram;
  /** What bots call. */
  readonly api: CalledApi;
  readonly ingress: ServiceProcess;
  readonly keys: { token: InstallKey; secrets: InstallKey };
  readonly executor: ServiceProcess[] = [];
  readonly delivery: ServiceProcess[] = [];
  readonly runtime: ServiceProcess[] = [];
  private readonly folder: string;
  private readonly s3: TestS3;
  private readonly simulator: ServiceProcess;
  private nextBotNumber = 100_000;
  private readonly grpcPorts = new Map<string, number>();
  /** Environment of the next start of an executor or delivery process, for failpoints. */
  nextEnv: (kind: Scaled, index: number) => Readonly<Record<string, string>> = () => ({});
  /** Called when an executor or delivery process ends that was not asked to. */
  onEnd: (kind: Scaled, index: number) => void = () => undefined;

  private constructor(parts: Parts) {
    this.folder = parts.folder;
    this.broker = parts.broker;
    this.s3 = parts.s3;
    this.nats = parts.nats;
    this.store = parts.store;
    this.simulator = parts.simulator;
    this.telegram = new Telegram(parts.simulator.url);
    this.ingress = parts.ingress;
    this.api = parts.api;
    this.keys = { token: installKey(this.keyFile('token')), secrets: installKey(this.keyFile('secrets')) };
  }

  /** One of each; `scale` brings more. */
  static async start(): Promise<World> {
    const folder = makeTempFolder('chaos');
    const [broker, s3] = await Promise.all([startNats({ syncAlways: true }), startS3()]);
    const nats = await openNats({ url: broker.url, name: 'chaos' });
    await ensureTopology(nats.jsm);
    const { endpoint, accessKey, secretKey, bucket } = s3;
    const store = new ArtefactStore({ S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket, S3_REGION: 'us-east-1' });
    const simulator = await service(folder, 'simulator', {});
    const ingress = await service(folder, 'ingress', { NATS_URL: broker.url });
    const world = new World({ folder, broker, s3, nats, store, simulator, ingress, api: await CalledApi.start() });
    try {
      await Promise.all([simulator.start(), ingress.start(), world.scale('runtime', 1)]);
      await Promise.all([world.scale('executor', 1), world.scale('delivery', 1)]);
      return world;
    } catch (error) {
      await world.stop(); // Else what did start would live on, and keep this process from its end.
      throw error;
    }
  }

  /** Starts or gracefully stops processes of a service until there are so many; resolves when all are ready. */
  async scale(kind: Scaled, count: number): Promise<void> {
    const processes = this[kind];
    const surplus = processes.splice(count);
    const missing = await Promise.all(Array.from({ length: Math.max(0, count - processes.length) }, (_, index) => this.make(kind, processes.length + index)));
    processes.push(...missing);
    await Promise.all([...surplus.map((process) => process.stop()), ...missing.map((process) => process.start())]);
    if (kind === 'runtime') await this.announcePods();
    await Promise.all(processes.map((process) => process.untilReady()));
  }

  /** A supervised process of a kind that no scenario but one needs, not started yet; whoever makes it stops it. */
  async makeProcess(kind: 'operator' | 'services/runtime', options: { name: string; host?: string; env: Readonly<Record<string, string>> }): Promise<ServiceProcess> {
    const { name, host, env } = options;
    const nodeArgs = kind === 'services/runtime' ? ['--no-node-snapshot'] : [];
    return new ServiceProcess({ name, entry: join(ROOT, kind, 'dist/main.js'), env, port: await freePort(), nodeArgs, logFile: join(this.folder, `${name}.log`), ...(host === undefined ? {} : { host }) });
  }

  /** Addresses and keys of the install, as an operator takes them. */
  operatorEnv(): Record<string, string> {
    const { endpoint, accessKey, secretKey, bucket } = this.s3;
    return {
      NATS_URL: this.broker.url, S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket,
      BOTPLANE_TELEGRAM_API: this.telegram.url, BOTPLANE_WEBHOOK_URL: this.ingress.url,
      BOTPLANE_TOKEN_KEY_FILE: this.keyFile('token'), BOTPLANE_SECRETS_KEY_FILE: this.keyFile('secrets'),
    };
  }

  /** The number before the colon of a token, new for each bot. */
  takeBotNumber(): number {
    return this.nextBotNumber++;
  }

  /** Every process that a supervisor watches. */
  all(): ServiceProcess[] {
    return [this.ingress, ...this.executor, ...this.delivery, ...this.runtime];
  }

  async stop(): Promise<void> {
    await Promise.all(this.all().map((process) => process.stop()));
    await this.simulator.stop();
    await this.telegram.close();
    this.store.close();
    await this.nats.connection.close();
    await Promise.all([this.broker.stop(), this.s3.stop(), this.api.stop()]);
    removeTempFolder(this.folder);
  }

  /** Says in KV that these processes are the pods of a pool; with none, that there is no such pool. */
  async announce(pool: string, processes: readonly ServiceProcess[]): Promise<void> {
    const runtimes = new TypedBucket<RuntimeRecord>(this.nats.jsm, BUCKETS.runtimes);
    const pods = processes.map(({ name }) => ({ name, uid: `${name}-${this.grpcPorts.get(name)}`, address: `127.0.0.1:${this.grpcPorts.get(name)}` }));
    if (pods.length === 0) await runtimes.delete(pool);
    else await runtimes.put(pool, { v: 1, pods });
  }

  private keyFile(name: string): string {
    return join(this.folder, `${name}.key`);
  }

  private async make(kind: Scaled, index: number): Promise<ServiceProcess> {
    const name = `${kind}-${index}`;
    const nextEnv = (): Readonly<Record<string, string>> => this.nextEnv(kind, index);
    if (kind === 'runtime') return this.makeRuntime(name);
    const { endpoint, accessKey, secretKey, bucket } = this.s3;
    const env = kind === 'delivery'
      ? { BOTPLANE_TOKEN_KEY_FILE: this.keyFile('token'), HOSTNAME: name }
      : { S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket, BOTPLANE_SECRETS_KEY_FILE: this.keyFile('secrets'), BOTPLANE_EGRESS_ROUTES: JSON.stringify([{ host: API_HOST, to: this.api.url }]), HOSTNAME: name };
    return service(this.folder, kind, { NATS_URL: this.broker.url, ...env }, { name, nextEnv, onEnd: () => this.onEnd(kind, index) });
  }

  private async makeRuntime(name: string): Promise<ServiceProcess> {
    const grpcPort = await freePort();
    this.grpcPorts.set(name, grpcPort);
    return service(this.folder, 'runtime', { GRPC_PORT: String(grpcPort), SANDBOX_HOSTS: '1' }, { name, nodeArgs: ['--no-node-snapshot'] });
  }

  /** What the operator does when pods become ready. A pod stays announced over its crashes, as one whose container is started again. */
  private async announcePods(): Promise<void> {
    await this.announce(POOL, this.runtime);
  }
}

async function service(folder: string, kind: string, env: Readonly<Record<string, string>>, more: Partial<ServiceOptions> = {}): Promise<ServiceProcess> {
  const name = more.name ?? kind;
  return new ServiceProcess({ name, entry: join(ROOT, 'services', kind, 'dist/main.js'), env, port: await freePort(), logFile: join(folder, `${name}.log`), ...more });
}

/** Makes an install key and writes it where services read it. */
function installKey(file: string): InstallKey {
  const bytes = randomBytes(32);
  writeFileSync(file, bytes.toString('base64'), { mode: 0o600 });
  return makeInstallKey(bytes);
}
