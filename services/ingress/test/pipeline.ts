import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildArtefacts, compileBotSpec } from '@botplane/botspec';
import { ARTEFACT_FILES, BUCKETS, artefactKey } from '@botplane/contracts';
import type { Envelope, RouteRecord, RuntimeRecord } from '@botplane/contracts';
import { deliverySchema, deliveryService } from '@botplane/delivery';
import { sha256Hex } from '@botplane/domain';
import { makeModule, readConfig } from '@botplane/executor';
import { ArtefactStore, createLog, makeInstallKey, parseConfig, sealEnvelope, silentLog, startService } from '@botplane/kit';
import type { Log, RunningService } from '@botplane/kit';
import { TypedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { runtimeSchema, runtimeService } from '@botplane/runtime';
import { startSimulator } from '@botplane/simulator';
import type { RunningSimulator } from '@botplane/simulator';
import { makeTempFolder, removeTempFolder, startNats, startS3 } from '@botplane/testing';
import type { TestNats, TestS3 } from '@botplane/testing';
import { ingressService } from '../src/app.module.ts';
import { ingressSchema } from '../src/config.ts';

const BOT = 'default_echo';
const POOL = 'botplane_default';
const SECRET = 'webhook-secret';
export const PERSON = { id: 7_654_321, is_bot: false, first_name: 'Ada' } as const;

const SPEC = {
  meta: { name: 'Echo', locales: ['en'], defaultLocale: 'en' },
  fallback: { flow: 'echo' },
  flows: { echo: { steps: [{ reply: { text: 'You said {{context.message.text}}' } }] } },
};

/** A line of a log. */
export interface LogLine {
  name: string;
  msg: string;
  trace_id?: string;
  span_id?: string;
  [field: string]: unknown;
}

/** All that an update goes through from Telegram and back, with real servers between; the services run inside this process and may be started anew. */
export class Pipeline {
  /** Of all services, since `start`. */
  readonly logLines: LogLine[] = [];
  private services: RunningService[] = [];
  private readonly folder = makeTempFolder('pipeline');

  private constructor(
    readonly broker: TestNats,
    readonly nats: Nats,
    private readonly s3: TestS3,
    private readonly simulator: RunningSimulator,
    private readonly runtime: RunningService,
    private readonly grpcPort: number,
    readonly token: string,
  ) {}

  static async open(): Promise<Pipeline> {
    const [broker, s3, simulator] = await Promise.all([startNats(), startS3(), startSimulator()]);
    const nats = await openNats({ url: broker.url, name: 'test' });
    await ensureTopology(nats.jsm);
    const definition = runtimeService(parseConfig(runtimeSchema, { HOST: '127.0.0.1', PORT: '0', GRPC_PORT: '0', SANDBOX_HOSTS: '1' }));
    const runtime = await startService({ ...definition, log: silentLog() });
    const { token } = (await post(`${simulator.url}/_sim/bots`, {})) as { token: string };
    const pipeline = new Pipeline(broker, nats, s3, simulator, runtime, definition.transport.port, token);
    await pipeline.publishBot();
    return pipeline;
  }

  /** Starts ingress, executor and delivery with this environment besides the usual one; ends those that ran. */
  async start(env: Record<string, string>): Promise<void> {
    await this.stop();
    this.logLines.length = 0;
    const { endpoint, accessKey, secretKey, bucket } = this.s3;
    const all = {
      HOST: '127.0.0.1', PORT: '0', NATS_URL: this.broker.url, S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket,
      BOTPLANE_TOKEN_KEY_FILE: this.keyFile, BOTPLANE_SECRETS_KEY_FILE: this.keyFile, ...env,
    };
    const { BOTPLANE_TOKEN_KEY_FILE: _noPolling, ...ingressEnv } = all;
    this.services = await Promise.all([
      startService({ ...ingressService(parseConfig(ingressSchema, ingressEnv)), log: this.log('ingress') }),
      startService({ name: 'executor', config: readConfig(all), module: makeModule, log: this.log('executor') }),
      startService({ ...deliveryService(parseConfig(deliverySchema, all)), log: this.log('delivery') }),
    ]);
    for (const { url } of this.services) while ((await fetch(`${url}/readyz`)).status !== 200) await sleep(20);
    const webhook = { url: `${this.services[0]?.url}/wh/${BOT}`, secret_token: SECRET };
    await post(`${this.simulator.url}/bot${this.token}/setWebhook`, webhook);
  }

  /** Ends the services, which hand over what they recorded. */
  async stop(): Promise<void> {
    await Promise.all(this.services.splice(0).map((service) => service.close()));
  }

  async close(): Promise<void> {
    await this.stop();
    await this.runtime.close();
    await Promise.all([this.nats.connection.close(), this.simulator.close()]);
    await Promise.all([this.broker.stop(), this.s3.stop()]);
    removeTempFolder(this.folder);
  }

  /** A person writes to the bot; resolves with its id once that update was answered. */
  async talk(text: string): Promise<number> {
    const updateId = await this.write(text);
    await this.untilAnswered(text);
    return updateId;
  }

  /** A person writes to the bot; resolves with the id of that update. */
  async write(text: string): Promise<number> {
    const { update_id } = (await post(`${this.simulator.url}/_sim/messages`, { token: this.token, from: PERSON, text })) as { update_id: number };
    return update_id;
  }

  /** Takes the runtime pod away from the bot, or gives it back. */
  async offerRuntime(isThere: boolean): Promise<void> {
    const pods = isThere ? [{ name: 'pod', uid: 'pod', address: `127.0.0.1:${this.grpcPort}` }] : [];
    await this.bucket<RuntimeRecord>(BUCKETS.runtimes).put(POOL, { v: 1, pods });
  }

  /** What a proxy in front of ingress sends that traces itself; resolves once it was answered. */
  async deliver(traceparent: string, text: string): Promise<void> {
    const update = { update_id: 1_000_000_000, message: { message_id: 1, date: 0, chat: { id: PERSON.id, type: 'private' }, from: PERSON, text } };
    await fetch(`${this.services[0]?.url}/wh/${BOT}`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': SECRET, traceparent }, body: JSON.stringify(update) });
    await this.untilAnswered(text);
  }

  async metrics(service: 'ingress' | 'executor' | 'delivery'): Promise<string> {
    const at = ['ingress', 'executor', 'delivery'].indexOf(service);
    return (await fetch(`${this.services[at]?.url}/metrics`)).text();
  }

  async untilAnswered(text: string): Promise<void> {
    while (!(await this.answers()).includes(`You said ${text}`)) await sleep(20);
  }

  private async answers(): Promise<string[]> {
    const response = await fetch(`${this.simulator.url}/_sim/chats/${this.token}/${PERSON.id}/messages`);
    const { messages } = (await response.json()) as { messages: { text?: string; from: { is_bot: boolean } }[] };
    return messages.filter(({ from }) => from.is_bot).map(({ text = '' }) => text);
  }

  private get keyFile(): string {
    return join(this.folder, 'install.key');
  }

  private log(name: string): Log {
    return createLog({ name, destination: { write: (line: string) => void this.logLines.push(JSON.parse(line) as LogLine) } });
  }

  /** What the operator does. */
  private async publishBot(): Promise<void> {
    const compiled = compileBotSpec(SPEC);
    if (!compiled.ok) throw new Error(`the bot does not compile: ${JSON.stringify(compiled.errors)}`);
    const { files, revHash } = buildArtefacts({ botId: BOT, spec: SPEC, compiled, limits: { memoryMiB: 0, cpuMs: 0 }, secretNames: [] });
    const { endpoint, accessKey, secretKey, bucket } = this.s3;
    const store = new ArtefactStore({ S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket, S3_REGION: 'us-east-1' });
    for (const file of ARTEFACT_FILES) await store.put(artefactKey(BOT, revHash, file), Buffer.from(files[file]), 'application/octet-stream');
    store.close();

    const bytes = randomBytes(32);
    writeFileSync(this.keyFile, bytes.toString('base64'));
    const credential = `${BOT}.token`;
    const envelope = sealEnvelope(makeInstallKey(bytes), credential, JSON.stringify({ token: this.token, apiRoot: this.simulator.url }));
    await this.bucket<Envelope>(BUCKETS.credentials).put(credential, envelope);
    await this.offerRuntime(true);
    await this.bucket<RouteRecord>(BUCKETS.routes).put(BOT, {
      v: 1, botId: BOT, uid: 'u', routeSeq: 1, state: 'Serving', split: [{ revision: 'echo-1', weight: 100 }], revisions: { 'echo-1': { revHash, runtime: POOL } },
      stateKey: 'chat_user', webhookSecretSha256: sha256Hex(SECRET), telegram: { id: 1, username: 'echo_bot' },
    });
  }

  private bucket<T>(name: string): TypedBucket<T> {
    return new TypedBucket<T>(this.nats.jsm, name);
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function post(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}
