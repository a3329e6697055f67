import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUCKETS, STREAMS, outboxMessageId, subjects } from '@botplane/contracts';
import type { DlqEntry, Envelope, OutboundCall, SentRecord } from '@botplane/contracts';
import { outboundPartition } from '@botplane/domain';
import { TRACEPARENT, createLog, makeInstallKey, parseConfig, sealEnvelope, startService } from '@botplane/kit';
import type { InstallKey, RunningService } from '@botplane/kit';
import { JetPublisher, TypedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { startSimulator } from '@botplane/simulator';
import type { RunningSimulator } from '@botplane/simulator';
import { makeTempFolder, removeTempFolder, startNats } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { deliveryService } from '../src/app.module.ts';
import { deliverySchema } from '../src/config.ts';

/** A call that the simulator saw. */
export interface SeenCall {
  seq: number;
  method: string;
  params: { chat_id?: number | string; text?: string; message_id?: number };
  status: number;
  /** Ms since the epoch. */
  time: number;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A broker, a Telegram, and calls to put between them; each bot is a new one. */
export class Stage {
  readonly server: TestNats;
  readonly simulator: RunningSimulator;
  readonly nats: Nats;
  readonly env: Record<string, string>;
  /** What deliveries of `startDelivery` wrote to their logs. */
  readonly logLines: string[] = [];
  private readonly folder: string;
  private readonly key: InstallKey;
  private readonly publisher: JetPublisher;
  private readonly sequences = new Map<string, number>();

  private constructor(server: TestNats, simulator: RunningSimulator, nats: Nats, folder: string, key: InstallKey) {
    this.server = server;
    this.simulator = simulator;
    this.nats = nats;
    this.folder = folder;
    this.key = key;
    this.publisher = new JetPublisher(nats.js);
    this.env = { HOST: '127.0.0.1', PORT: '0', NATS_URL: server.url, BOTPLANE_TOKEN_KEY_FILE: join(folder, 'token.key') };
  }

  static async open(): Promise<Stage> {
    // Once, before anything runs: it blocks this process and with it the simulator.
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-b', 'services/delivery'], { cwd: ROOT });
    const [server, simulator, folder] = [await startNats(), await startSimulator(), makeTempFolder('delivery')];
    const bytes = randomBytes(32);
    writeFileSync(join(folder, 'token.key'), bytes.toString('base64'));
    const nats = await openNats({ url: server.url, name: 'test' });
    await ensureTopology(nats.jsm);
    return new Stage(server, simulator, nats, folder, makeInstallKey(bytes));
  }

  async close(): Promise<void> {
    await this.nats.connection.close();
    await this.simulator.close();
    await this.server.stop();
    removeTempFolder(this.folder);
  }

  /** Delivery inside this process. */
  async startDelivery(env: Record<string, string> = {}): Promise<RunningService> {
    const log = createLog({ name: 'delivery', destination: { write: (line: string) => void this.logLines.push(line) } });
    const service = await startService({ ...deliveryService(parseConfig(deliverySchema, { ...this.env, ...env })), log });
    while ((await fetch(`${service.url}/readyz`)).status !== 200) await sleep(20);
    return service;
  }

  /** Delivery as a process of its own, from its build. */
  async spawnDelivery(env: Record<string, string> = {}): Promise<ChildProcess> {
    const child = spawn(process.execPath, [join(ROOT, 'services/delivery/dist/main.js')], { env: { ...this.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    while (!output.includes('service listens')) {
      if (child.exitCode !== null) throw new Error(`delivery ended: ${output}`);
      await sleep(20);
    }
    return child;
  }

  /** A bot of the simulator whose token delivery can open; `beside`: in the partition of another one. */
  async bot(options: { apiRoot?: string; withToken?: boolean; beside?: TestBot } = {}): Promise<TestBot> {
    const { token } = await this.control<{ token: string }>('POST', 'bots', {});
    const bot = new TestBot(this, makeName(options.beside?.botId), token);
    if (options.withToken !== false) await this.putToken(bot.botId, token, options.apiRoot ?? this.simulator.url);
    return bot;
  }

  async putToken(botId: string, token: string, apiRoot = this.simulator.url): Promise<void> {
    const key = `${botId}.token`;
    await new TypedBucket<Envelope>(this.nats.jsm, BUCKETS.credentials).put(key, sealEnvelope(this.key, key, JSON.stringify({ token, apiRoot })));
  }

  /** Each copy has an id of its own, as if the duplicate window were over. */
  async publish(call: OutboundCall, traceparent?: string): Promise<void> {
    const { botId, lane, source } = call;
    const msgId = `${outboxMessageId(botId, source.seq, source.n)}:${this.sequence('copy')}`;
    await this.publisher.publish(subjects.outbound(lane, outboundPartition(botId), botId), JSON.stringify(call), { msgId, ...(traceparent === undefined ? {} : { headers: { [TRACEPARENT]: traceparent } }) });
  }

  async control<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const options = method === 'GET' ? {} : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${this.simulator.url}/_sim/${path}`, options);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  sequence(name: string): number {
    const next = (this.sequences.get(name) ?? 0) + 1;
    this.sequences.set(name, next);
    return next;
  }
}

export class TestBot {
  readonly botId: string;
  readonly token: string;
  private readonly stage: Stage;

  constructor(stage: Stage, botId: string, token: string) {
    this.stage = stage;
    this.botId = botId;
    this.token = token;
  }

  /** People write first, so that the bot may answer. */
  async people(...ids: number[]): Promise<void> {
    for (const id of ids) await this.stage.control('POST', 'messages', { token: this.token, from: personOf(id), text: 'hello' });
  }

  async block(id: number, blocked: boolean): Promise<void> {
    await this.stage.control('POST', 'block', { token: this.token, from: personOf(id), blocked });
  }

  /** A call as the executor publishes it; every option has a usual value. */
  async send(chat: number, text: string, { traceparent, ...options }: Partial<OutboundCall> & { traceparent?: string } = {}): Promise<OutboundCall> {
    const key = `c${chat}_u${chat}`;
    const call: OutboundCall = {
      v: 1,
      botId: this.botId,
      lane: 'reply',
      chat: String(chat),
      source: { key, seq: this.stage.sequence(this.botId + key), n: 0 },
      method: 'sendMessage',
      params: { chat_id: chat, text },
      revision: 'r',
      acceptedMs: Date.now(),
      ...options,
    };
    await this.stage.publish(call, traceparent);
    return call;
  }

  async fault(fault: { method?: string; chat_id?: number; kind: string; retry_after?: number; delay_ms?: number; count: number }): Promise<void> {
    await this.stage.control('POST', 'faults', { token: this.token, ...fault });
  }

  async seen(method = 'sendMessage'): Promise<SeenCall[]> {
    return (await this.stage.control<{ calls: SeenCall[] }>('GET', `calls?token=${this.token}&method=${method}`)).calls;
  }

  /** Texts that arrived in a chat, in order. */
  async texts(chat: number): Promise<string[]> {
    const { messages } = await this.stage.control<{ messages: { text?: string; from: { is_bot: boolean } }[] }>('GET', `chats/${this.token}/${chat}/messages`);
    return messages.filter((message) => message.from.is_bot).map((message) => message.text ?? '');
  }

  async deadLetters(): Promise<DlqEntry[]> {
    const entries: DlqEntry[] = [];
    const { state } = await this.stage.nats.jsm.streams.info(STREAMS.dlq);
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
      const message = await this.stage.nats.jsm.streams.getMessage(STREAMS.dlq, { seq });
      if (message?.subject === subjects.dlqOut(this.botId)) entries.push(JSON.parse(message.string()) as DlqEntry);
    }
    return entries;
  }

  async sentRecord(chat: string): Promise<SentRecord | undefined> {
    return (await new TypedBucket<SentRecord>(this.stage.nats.jsm, BUCKETS.sent).get(`${this.botId}.${chat}`))?.value;
  }
}

function makeName(besideId: string | undefined): string {
  for (;;) {
    const botId = `shop_b${randomBytes(4).toString('hex')}`;
    if (besideId === undefined || outboundPartition(botId) === outboundPartition(besideId)) return botId;
  }
}

const personOf = (id: number): object => ({ id, is_bot: false, first_name: `P${id}` });

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Ends a process and resolves with its exit code. */
export async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill(signal);
  return ((await ended) as [number | null])[0];
}
