import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUCKETS, HEADERS, STREAMS, artefactKey, subjects, updateMessageId } from '@botplane/contracts';
import type { ChatRecord, DlqEntry, OutboundCall, RevisionPassport, RouteRecord, RuntimeRecord } from '@botplane/contracts';
import { orderKeyOf, readUpdateKeys, sha256Hex, stateKeyOf, updatePartition } from '@botplane/domain';
import type { Json } from '@botplane/domain';
import { ArtefactStore, createLog, startService } from '@botplane/kit';
import type { RunningService } from '@botplane/kit';
import { JetPublisher, TypedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { startNats, startS3 } from '@botplane/testing';
import type { TestNats, TestS3 } from '@botplane/testing';
import { makeModule } from '../../src/app.module.ts';
import { readConfig } from '../../src/config.ts';
import { FakeRuntime } from './fake-runtime.ts';
import type { Guest } from './fake-runtime.ts';

export const BOT = 'default_test';
export const POOL = 'botplane_default';

/** Everything around an executor: broker, object store, a runtime pod, one published bot; and what ingress and delivery would see. */
export class World {
  readonly secretsKey = randomBytes(32);
  /** What executors of `startExecutor` wrote to their logs. */
  readonly logLines: string[] = [];
  private nextUpdateId = 1_000;
  private executors: RunningService[] = [];

  private constructor(
    readonly broker: TestNats,
    readonly s3: TestS3,
    readonly nats: Nats,
    readonly runtime: FakeRuntime,
    readonly folder: string,
  ) {}

  static async start(guest: Guest): Promise<World> {
    const [broker, s3, folder] = await Promise.all([startNats({ syncAlways: true }), startS3(), mkdtemp(join(tmpdir(), 'executor-'))]);
    const nats = await openNats({ url: broker.url, name: 'world' });
    await ensureTopology(nats.jsm);
    const runtime = new FakeRuntime(guest);
    await runtime.start();
    const world = new World(broker, s3, nats, runtime, folder);
    await writeFile(world.keyFile, world.secretsKey.toString('base64'));
    await world.announcePods([{ name: 'pod-1', uid: 'uid-1', address: runtime.address }]);
    await world.publishRevision(BOT, 'aaaa');
    await world.putRoute({});
    return world;
  }

  get keyFile(): string {
    return join(this.folder, 'secrets.key');
  }

  /** Environment of an executor in this world. */
  env(more: { [name: string]: string } = {}): { [name: string]: string } {
    const { endpoint, accessKey, secretKey, bucket } = this.s3;
    return {
      HOST: '127.0.0.1', PORT: '0', NATS_URL: this.broker.url, S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket,
      BOTPLANE_SECRETS_KEY_FILE: this.keyFile, HOSTNAME: 'executor', ...more,
    };
  }

  async startExecutor(more: { [name: string]: string } = {}): Promise<RunningService> {
    const log = createLog({ name: 'executor', destination: { write: (line: string) => void this.logLines.push(line) } });
    const service = await startService({ name: 'executor', config: readConfig(this.env(more)), module: makeModule, log });
    this.executors.push(service);
    return service;
  }

  async stop(): Promise<void> {
    await Promise.all(this.executors.splice(0).map((service) => service.close()));
    await this.nats.connection.close();
    this.runtime.stop();
    await Promise.all([this.broker.stop(), this.s3.stop(), rm(this.folder, { recursive: true, force: true })]);
  }

  bucket<T>(name: string): TypedBucket<T> {
    return new TypedBucket<T>(this.nats.jsm, name);
  }

  async announcePods(pods: RuntimeRecord['pods']): Promise<void> {
    await this.bucket<RuntimeRecord>(BUCKETS.runtimes).put(POOL, { v: 1, pods });
  }

  async publishRevision(botId: string, revHash: string, more: Partial<RevisionPassport> = {}): Promise<void> {
    const store = new ArtefactStore(readConfig(this.env()));
    const code = Buffer.from(`// ${botId} ${revHash}`);
    const passport: RevisionPassport = {
      schemaVersion: 1, botId, revHash, compiler: { name: 'test', version: '0', engineSha256: '' },
      files: { 'bot.js': { sha256: sha256Hex(code), bytes: code.length }, 'spec.json': { sha256: '', bytes: 0 } },
      security: { allowDomains: ['api.example', '*.api.example'], maxApiResponseKB: 64 },
      stateKey: 'chat_user', allowedUpdates: ['message', 'callback_query'], commands: [], secretNames: [],
      errorText: { defaultLocale: 'en', byLocale: { en: 'Something went wrong.', de: 'Etwas ging schief.' } },
      limits: { memoryMiB: 16, cpuMs: 100 }, ...more,
    };
    await store.put(artefactKey(botId, revHash, 'bot.js'), code, 'text/javascript');
    await store.put(artefactKey(botId, revHash, 'rev.json'), Buffer.from(JSON.stringify(passport)), 'application/json');
    store.close();
  }

  async putRoute(more: Partial<RouteRecord>): Promise<void> {
    const route: RouteRecord = {
      v: 1, botId: BOT, uid: 'u', routeSeq: 1, state: 'Serving', split: [{ revision: 'test-aaaa', weight: 100 }], revisions: { 'test-aaaa': { revHash: 'aaaa', runtime: POOL } },
      stateKey: 'chat_user', webhookSecretSha256: '', telegram: { id: 42, username: 'test_bot' }, ...more,
    };
    await this.bucket<RouteRecord>(BUCKETS.routes).put(route.botId, route);
  }

  /** What ingress does with an update; returns its id. */
  async send(update: { [kind: string]: Json }, { updateId = this.nextUpdateId++, botId = BOT, msgId }: { updateId?: number; botId?: string; msgId?: string } = {}): Promise<number> {
    const whole = { update_id: updateId, ...update };
    const keys = readUpdateKeys(whole);
    if (keys === undefined) throw new Error('no update');
    const orderKey = orderKeyOf(keys, 'chat_user');
    await new JetPublisher(this.nats.js).publish(subjects.update(updatePartition(botId, orderKey), botId), JSON.stringify(whole), {
      msgId: msgId ?? updateMessageId(botId, updateId),
      headers: { [HEADERS.orderKey]: orderKey, [HEADERS.stateKey]: stateKeyOf(keys, 'chat_user'), [HEADERS.kind]: keys.kind, [HEADERS.updateId]: String(updateId), [HEADERS.acceptedMs]: String(Date.now()) },
    });
    return updateId;
  }

  text(chat: number, text: string): { [kind: string]: Json } {
    return { message: { message_id: 1, date: 0, chat: { id: chat, type: 'private' }, from: { id: chat, is_bot: false, first_name: 'A', language_code: 'de' }, text } };
  }

  press(chat: number, id: string): { [kind: string]: Json } {
    return { callback_query: { id, from: { id: chat, is_bot: false, first_name: 'A' }, data: 'x', message: { message_id: 1, date: 0, chat: { id: chat, type: 'private' } } } };
  }

  /** Everything that delivery would have got so far, in order, with the id each was published under. */
  async outbound(): Promise<(OutboundCall & { msgId: string })[]> {
    return (await this.published(STREAMS.outbound)).map(({ body, msgId }) => ({ ...(body as OutboundCall), msgId }));
  }

  async deadLetters(): Promise<DlqEntry[]> {
    return (await this.published(STREAMS.dlq)).map(({ body }) => body as DlqEntry);
  }

  /** Texts sent to a chat, in order. */
  async textsTo(chat: number): Promise<string[]> {
    return (await this.outbound()).filter((call) => call.chat === String(chat) && call.method === 'sendMessage').map((call) => call.params['text'] as string);
  }

  async record(stateKey: string, botId = BOT): Promise<ChatRecord | undefined> {
    return (await this.bucket<ChatRecord>(BUCKETS.chatState).get(`${botId}.${stateKey}`))?.value;
  }

  /** Everything in a stream, oldest first. */
  async published(stream: string): Promise<{ body: unknown; msgId: string }[]> {
    const { state } = await this.nats.jsm.streams.info(stream);
    const found: { body: unknown; msgId: string }[] = [];
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
      const message = await this.nats.jsm.direct.getMessage(stream, { seq });
      if (message !== null) found.push({ body: JSON.parse(message.string()), msgId: message.header.get('Nats-Msg-Id') });
    }
    return found;
  }
}
