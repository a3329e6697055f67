import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STREAMS, subjects } from '@botplane/contracts';
import type { DlqEntry, OutboundCall } from '@botplane/contracts';
import { createDb } from '@botplane/db';
import type { Db } from '@botplane/db';
import { parseConfig, silentLog, startService } from '@botplane/kit';
import type { RunningService } from '@botplane/kit';
import { openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { startNats, startPostgres } from '@botplane/testing';
import type { TestNats, TestPostgres } from '@botplane/testing';
import { AppModule } from '../src/app.module.ts';
import { configSchema } from '../src/config.ts';
import type { Config } from '../src/config.ts';
import { makeKeyText } from '../src/domain/api-key.ts';

export interface Answer {
  status: number;
  // eslint-disable-next-line typescript/no-explicit-any
  body: any;
  headers: Headers;
}

/** The real service on a real database and broker. */
export interface TestApi {
  postgres: TestPostgres;
  broker: TestNats;
  config: Config;
  service: RunningService;
  db: Db;
  nats: Nats;
  adminKey: string;
  call(method: string, path: string, options?: { key?: string | null; body?: unknown }): Promise<Answer>;
  /** Another process of it, after this one ended in order. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startApi(): Promise<TestApi> {
  const [postgres, broker] = await Promise.all([startPostgres(), startNats()]);
  const folder = mkdtempSync(join(tmpdir(), 'botplane-api-'));
  const adminKey = makeKeyText().text;
  writeFileSync(join(folder, 'key'), `${adminKey}\n`);
  const config = parseConfig(configSchema, { HOST: '127.0.0.1', PORT: '0', NATS_URL: broker.url, DATABASE_URL: postgres.url, BOTPLANE_API_ADMIN_KEY_FILE: join(folder, 'key') });
  const start = (): Promise<RunningService> => startService({ name: 'api', config, log: silentLog(), module: (kit) => AppModule.create(kit) });
  let service = await start();
  const db = createDb({ url: postgres.url, poolMax: 2 });
  const nats = await openNats({ url: broker.url, name: 'test' });

  const call: TestApi['call'] = async (method, path, { key = adminKey, body } = {}) => {
    const headers = { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await fetch(`${service.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text, headers: response.headers };
  };
  const restart = async (): Promise<void> => {
    await service.close();
    service = await start();
  };
  const stop = async (): Promise<void> => {
    await service.close();
    await db.$disconnect();
    await nats.connection.close();
    await Promise.all([postgres.stop(), broker.stop()]);
    rmSync(folder, { recursive: true });
  };
  return { postgres, broker, config, db, nats, adminKey, call, restart, stop, get service() { return service; } };
}

export const BOT = 'shop_coffee';

/** A failed update of one chat. */
export function deadUpdate(n: number, changes: Partial<DlqEntry> = {}): DlqEntry {
  const payload = { update_id: 900 + n, message: { message_id: n, date: 1, chat: { id: 77, type: 'private', first_name: 'Ada' }, from: { id: 77, is_bot: false, first_name: 'Ada' }, text: `my secret ${n}` } };
  return { v: 1, botId: BOT, subjectId: String(900 + n), reason: 'guest_error', message: 'it threw', attempts: 3, failedMs: 1_700_000_000_000, payload, keys: { orderKey: 'c77', stateKey: 'c77_u77', kind: 'message' }, ...changes };
}

/** A call that Telegram refused. */
export function deadCall(n: number): DlqEntry {
  const call: OutboundCall = { v: 1, botId: BOT, lane: 'reply', chat: '77', source: { key: 'c77_u77', seq: n, n: 0 }, method: 'sendMessage', params: { chat_id: 77, text: `answer ${n}` }, revision: 'coffee-1', acceptedMs: 5 };
  return { v: 1, botId: BOT, subjectId: `c77_u77:${n}:0`, reason: 'telegram_400', message: 'Bad Request', attempts: 3, failedMs: 1_700_000_000_000, payload: call as unknown as DlqEntry['payload'] };
}

/** Puts entries into the DLQ; returns their ids. */
export async function bury(nats: Nats, queue: 'in' | 'out' | 'jobs', entries: DlqEntry[]): Promise<string[]> {
  const ids: string[] = [];
  for (const entry of entries) {
    const subject = queue === 'in' ? subjects.dlqIn(entry.botId) : queue === 'out' ? subjects.dlqOut(entry.botId) : subjects.dlqJobs('images');
    ids.push(String((await nats.js.publish(subject, JSON.stringify(entry))).seq));
  }
  return ids;
}

/** Everything on a subject, oldest first. */
export async function read(nats: Nats, stream: 'UPDATES' | 'OUTBOUND', filter: string): Promise<{ subject: string; body: Record<string, unknown>; header: (name: string) => string | undefined }[]> {
  const found: Awaited<ReturnType<typeof read>> = [];
  if ((await nats.jsm.streams.info(stream)).state.messages === 0) return found;
  for await (const message of await nats.jsm.direct.getBatch(stream, { seq: 1, next_by_subj: filter, batch: 1_000 })) {
    found.push({ subject: message.subject, body: message.json<Record<string, unknown>>(), header: (name) => message.header?.get(name) });
  }
  return found;
}

/** Empties all streams, so that tests do not see each other. */
export async function emptyStreams(nats: Nats): Promise<void> {
  for (const stream of [STREAMS.dlq, STREAMS.updates, STREAMS.outbound]) await nats.jsm.streams.purge(stream);
}
