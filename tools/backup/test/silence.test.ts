import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BUCKETS, STREAMS, subjects } from '@botplane/contracts';
import { migrate } from '@botplane/db';
import { TypedBucket } from '@botplane/nats';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { AckPolicy } from '@nats-io/jetstream';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type * as limits from '../src/limits.ts';
import { Install } from './installs.ts';
import type { Ended } from './installs.ts';

/** Shorter than in life, so that the tests need not wait as long; the process at the end has those of life. */
vi.mock('../src/limits.ts', async (original) => {
  const { LIMITS } = await original<typeof limits>();
  return { LIMITS: { ...LIMITS, natsConnectMs: 4_000, natsSilenceMs: 4_000, postgresSilenceMs: 15_000, lockMs: 60_000 } };
});

const MAIN = join(import.meta.dirname, '../src/main.ts');
/** More than are written at once. */
const OBJECTS = 20;

let folder: string;
let saved: string;
let target: string;
let install: Install;
let made = 0;
beforeAll(async () => {
  folder = makeTempFolder('silence');
  saved = join(folder, 'saved');
  install = await Install.start();
  await install.makeTopology();
  await new TypedBucket<object>(install.nats.jsm, BUCKETS.chatState).put('default_shop.c1_u1', { v: 1, seq: 1, state: {} });
  await migrate(install.postgres.url);
  await install.sql(`INSERT INTO audit_log (actor, action, target, details) VALUES ('k1', 'a', 't', '{}')`);
  const store = install.store();
  for (let n = 0; n < OBJECTS; n++) await store.put(`bots/${n}.js`, Buffer.from('code'), 'text/javascript');
  store.close();
  expect(await install.cli('backup', saved)).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await install?.stop();
  if (folder) removeTempFolder(folder);
});
beforeEach(() => {
  target = join(folder, `target-${++made}`);
});
/** Also after a test that was broken off. */
afterEach(() => {
  for (const server of [install.broker, install.s3]) server.thaw();
});

/** Runs one command line; `server` falls silent when it says a line that holds `at`, and speaks again when it has ended. */
async function silentFrom(server: { freeze(): void; thaw(): void }, at: string, ...args: string[]): Promise<Ended> {
  let isSilent = false;
  const ended = await install.cliHeard(args, (line) => {
    if (isSilent || !line.includes(at)) return;
    isSilent = true;
    server.freeze();
  });
  server.thaw();
  expect(isSilent, ended.err).toBe(true);
  return ended;
}

describe('a NATS that falls silent ends', () => {
  it.each([
    ['before it is connected', 'stand still'],
    ['in the middle', `KV_${BUCKETS.meta}: `],
  ])('a backup %s, which leaves nothing behind', async (_, at) => {
    expect(await silentFrom(install.broker, at, 'backup', target, '--only', 'nats')).toMatchObject({ code: 1, err: expect.stringMatching(/NATS of NATS_URL .*then run it again/) });
    expect(existsSync(target)).toBe(false);
    expect(await silentFrom(install.broker, at, 'backup', '--keep', '2', target, '--only', 'nats')).toMatchObject({ code: 1 });
    expect(readdirSync(target)).toEqual([]);
  });

  it('a backup whose connection breaks, although the server is soon back', async () => {
    let back: Promise<void> | undefined;
    const ended = await install.cliHeard(['backup', target, '--only', 'nats'], (line) => {
      if (line.includes(`KV_${BUCKETS.meta}: `)) back ??= install.broker.kill().then(() => install.broker.restart());
    });
    await back;
    expect(ended).toMatchObject({ code: 1, err: expect.stringMatching(/connection to NATS of NATS_URL broke.*then run it again/) });
    expect(existsSync(target)).toBe(false);
  });

  it('a restore that listens for services before it changed anything', async () => {
    expect(await silentFrom(install.broker, 'listening', 'restore', saved, '--replace')).toMatchObject({ code: 1, err: expect.stringMatching(/NATS of NATS_URL .*then run it again/) });
    expect(await install.sql('SELECT count(*)::int AS n FROM audit_log')).toEqual([{ n: 1 }]);
  });

  it('a restore in the middle, which said that it is not whole until then, and can be done again', async () => {
    expect(await silentFrom(install.broker, `KV_${BUCKETS.meta}: `, 'restore', saved, '--replace', '--only', 'nats')).toMatchObject({ code: 1, err: expect.stringMatching(/not whole until [^]*--replace[^]*NATS of NATS_URL/) });
    expect(await install.cli('restore', saved, '--replace', '--only', 'nats')).toMatchObject({ code: 0 });
  });

  it('the process of a backup that waits for updates in work', async () => {
    const { jsm, js } = install.nats;
    await js.publish(subjects.update(1, 'default_shop'), '{}');
    await jsm.consumers.add(STREAMS.updates, { durable_name: 'busy', ack_policy: AckPolicy.Explicit });
    await (await js.consumers.get(STREAMS.updates, 'busy')).next();
    const child = spawn(process.execPath, ['--experimental-transform-types', '--conditions=@botplane/source', MAIN, 'backup', target], { env: { PATH: process.env['PATH'], ...install.variables() }, stdio: ['ignore', 'ignore', 'pipe'] });
    try {
      const exited = once(child, 'exit');
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      await expect.poll(async () => (await jsm.consumers.info(STREAMS.updates, 'busy')).paused).toBe(true);
      install.broker.freeze();
      expect(await exited, said).toEqual([1, null]);
      expect(said).toMatch(/NATS of NATS_URL .*then run it again/);
      expect(existsSync(target)).toBe(false);
    } finally {
      child.kill('SIGKILL');
    }
    install.broker.thaw();
    await jsm.consumers.delete(STREAMS.updates, 'busy');
  });
});

it('a PostgreSQL that falls silent ends a backup, which leaves nothing behind', async () => {
  const holder = new Client({ connectionString: install.postgres.url });
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query('BEGIN; LOCK TABLE audit_log');
  const backup = install.cli('backup', target, '--only', 'postgres');
  // Of a connection of its own: within a transaction this view does not change.
  const waiting = (): Promise<unknown[]> => install.sql(`SELECT pid FROM pg_stat_activity WHERE application_name = 'botplane-backup' AND wait_event_type = 'Lock'`);
  await expect.poll(waiting).toHaveLength(1);
  const [{ pid }] = (await waiting()) as [{ pid: number }];
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(pid, 'SIGCONT'));
  await holder.query('COMMIT');
  expect(await backup).toMatchObject({ code: 1, err: expect.stringMatching(/PostgreSQL of DATABASE_URL .*then run it again/) });
  expect(existsSync(target)).toBe(false);
});

describe('an object store that falls silent ends', () => {
  it('a backup, which leaves nothing behind', async () => {
    expect(await silentFrom(install.s3, 'Objects', 'backup', target, '--only', 's3')).toMatchObject({ code: 1, err: expect.stringMatching(/object store of S3_ENDPOINT .*then run it again/) });
    expect(existsSync(target)).toBe(false);
  });

  it('a restore at the first objects, not after a try of each', async () => {
    expect(await silentFrom(install.s3, 'Objects', 'restore', saved, '--only', 's3')).toMatchObject({ code: 1, err: expect.stringMatching(/object store of S3_ENDPOINT .*then run it again/) });
  });
});
