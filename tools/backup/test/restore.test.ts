import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUCKETS, STREAMS, subjects } from '@botplane/contracts';
import { migrate } from '@botplane/db';
import { Membership, Timers, TypedBucket } from '@botplane/nats';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackupFolder } from '../src/backup-folder.ts';
import { Install } from './installs.ts';

/** Keys that look like paths, hidden files and escapes are keys like any other. */
const OBJECTS: { readonly [key: string]: string } = { 'bots/default_shop/abc/bot.js': 'code', 'bundles/sha256:1.tar': 'tar', 'bots/.ü/a b..': 'odd' };

const ROWS = {
  api_keys: `SELECT row_to_json(t)::text AS row FROM api_keys t ORDER BY id`,
  audit_log: `SELECT row_to_json(t)::text AS row FROM audit_log t ORDER BY id`,
  messages: `SELECT tableoid::regclass::text AS part, row_to_json(t)::text AS row FROM messages t ORDER BY id`,
};

let folder: string;
let saved: string;
let old: Install;
let fresh: Install;
beforeAll(async () => {
  folder = makeTempFolder('backup');
  saved = join(folder, 'first');
  [old, fresh] = await Promise.all([Install.start(), Install.start()]);
  await old.makeTopology();
  const records = new TypedBucket<object>(old.nats.jsm, BUCKETS.chatState);
  for (let n = 1; n <= 40; n++) await old.nats.js.publish('updates.1.default_shop', `{"update_id":${n}}`, { msgID: `default_shop:${n}` });
  // Everything is settled and removed: what is left of the stream is the number from which it counts on.
  await old.nats.jsm.streams.purge(STREAMS.updates);
  await records.put('default_shop.c1_u1', { v: 1, seq: 40, state: { step: 'days' } });
  await new Timers(old.nats).arm({ partition: 1, botId: 'default_shop', orderKey: 'c1', stateKey: 'c1_u1', key: 'remind', nonce: 'n', atMs: Date.now() + 3_600_000, armedBy: 1 });
  await old.nats.js.publish(subjects.outbound('bulk', 3, 'default_shop'), '{"method":"sendMessage"}');
  await migrate(old.postgres.url);
  await old.sql(`INSERT INTO api_keys (id, name, hash, scopes, expires_at) VALUES ('k1', E'line\\nbreak "quoted" \\\\', 'h', ARRAY['a', 'b,{}"'], '2030-01-01T00:00:00.123+05')`);
  await old.sql(`INSERT INTO audit_log (actor, action, target, details) VALUES ('k1', 'a', E't\u2028\u2029', '{"n": 9007199254740993, "none": null}'), ('k1', 'b', 't', '[]')`);
  await old.sql(`CREATE TABLE messages_2026_11 PARTITION OF messages FOR VALUES FROM ('2026-11-01') TO ('2026-12-01')`);
  await old.sql(`INSERT INTO messages (created_at, bot_id, chat_id, role, external_id, kind, user_id, pii, content) VALUES ('2026-11-20T10:00:00.5Z', 'default_shop', '-1001', 'user', 'u1', 'text', 9007199254740993, false, NULL), ('2026-11-20T10:00:01Z', 'default_shop', '-1001', 'assistant', 'm1', 'text', NULL, false, 'hi 👋')`);
  const store = old.store();
  for (const [key, content] of Object.entries(OBJECTS)) await store.put(key, Buffer.from(content), 'text/plain');
  store.close();
  expect(await old.cli('backup', saved)).toMatchObject({ code: 0, out: expect.stringContaining('conversations as of') });
});
afterAll(async () => {
  await Promise.all([old?.stop(), fresh?.stop()]);
  if (folder) removeTempFolder(folder);
});

describe('a restore into empty servers', () => {
  beforeAll(async () => {
    expect(await fresh.cli('restore', saved)).toMatchObject({ code: 0, out: expect.stringContaining('start the services') });
  });

  it('[A6] brings the records, and a stream that is empty counts on where it stood', async () => {
    const record = await new TypedBucket(fresh.nats.jsm, BUCKETS.chatState).get('default_shop.c1_u1');
    expect(record).toMatchObject({ value: { seq: 40, state: { step: 'days' } }, revision: 1 });
    expect((await fresh.nats.js.publish('updates.1.default_shop', '{}')).seq).toBe(41);
  });

  it('brings timers and what waits to be sent', async () => {
    const count = async (name: string): Promise<number> => (await fresh.nats.jsm.streams.info(name)).state.messages;
    expect(await Promise.all([STREAMS.timers, STREAMS.outbound].map(count))).toEqual([1, 1]);
  });

  it('makes streams that the services find as they want them', async () => {
    await fresh.makeTopology();
    expect((await fresh.nats.jsm.streams.info(STREAMS.updates)).state.last_seq).toBe(41);
  });

  it.each(Object.entries(ROWS))('brings table %s to the last digit', async (_table, query) => {
    const rows = await old.sql(query);
    expect(rows.length).toBeGreaterThan(0);
    expect(await fresh.sql(query)).toEqual(rows);
  });

  it('lets ids count on, and migrates nothing twice', async () => {
    await fresh.sql(`INSERT INTO audit_log (actor, action, target, details) VALUES ('k1', 'c', 't', '{}')`);
    expect(await fresh.sql('SELECT max(id)::int AS id FROM audit_log')).toEqual([{ id: 3 }]);
    expect(await migrate(fresh.postgres.url)).toEqual([]);
    await fresh.sql('DELETE FROM audit_log WHERE id = 3');
  });

  it('brings every object', async () => {
    const store = fresh.store();
    for (const [key, content] of Object.entries(OBJECTS)) expect((await store.get(key)).toString()).toBe(content);
    store.close();
  });

  it('is refused where conversations are, unless they are to go', async () => {
    expect(await fresh.cli('restore', saved)).toMatchObject({ code: 1, err: expect.stringContaining('NATS already holds conversations (stream KV_chat-state): --replace') });
    expect(await fresh.cli('restore', saved, '--only', 'postgres')).toMatchObject({ code: 1, err: expect.stringContaining('already holds tables: --replace') });
    await fresh.sql(`DELETE FROM audit_log`);
    expect(await fresh.cli('restore', saved, '--replace')).toMatchObject({ code: 0 });
    expect(await fresh.sql('SELECT count(*)::int AS n FROM audit_log')).toEqual([{ n: 2 }]);
    expect((await fresh.nats.jsm.streams.info(STREAMS.updates)).state).toMatchObject({ messages: 0, last_seq: 40 });
  });

  it('is refused while services work', async () => {
    const member = new Membership(fresh.nats.connection, STREAMS.updates, 'executor-7');
    member.start();
    expect(await fresh.cli('restore', saved, '--replace')).toMatchObject({ code: 1, err: expect.stringMatching(/services still work with this NATS: executor-7\. Stop them first/) });
    member.stop();
    const client = new Client({ connectionString: fresh.postgres.url, application_name: 'some-api' });
    await client.connect();
    expect(await fresh.cli('restore', saved, '--replace', '--only', 'postgres')).toMatchObject({ code: 1, err: expect.stringContaining('in use by some-api') });
    await client.end();
  });
});

describe('a backup that is not whole', () => {
  async function another(name: string): Promise<string> {
    const target = join(folder, name);
    expect((await old.cli('backup', target, '--only', 'nats')).code).toBe(0);
    return target;
  }
  const refusal = async (target: string): Promise<string> => {
    const { code, err } = await fresh.cli('restore', target, '--replace');
    expect(code).toBe(1);
    expect(await fresh.cli('restore', target, '--check')).toMatchObject({ code: 1 });
    return err;
  };

  it('is refused with every file that is wrong, and nothing is touched', async () => {
    const target = await another('damaged');
    truncateSync(join(target, 'nats/UPDATES.snapshot'), 10);
    rmSync(join(target, 'nats/KV_routes.snapshot'));
    const path = join(target, 'nats/KV_chat-state.snapshot');
    const { size } = statSync(path);
    truncateSync(path, size - 1);
    appendFileSync(path, '!');
    const text = await refusal(target);
    expect(text).toContain('nats/UPDATES.snapshot has 10 bytes instead of');
    expect(text).toContain('nats/KV_routes.snapshot is missing');
    expect(text).toContain('nats/KV_chat-state.snapshot was changed');
    expect((await fresh.nats.jsm.streams.info(STREAMS.updates)).state.last_seq).toBe(40);
  });

  it('is refused when it was interrupted, or is of another version', async () => {
    const target = await another('interrupted');
    renameSync(join(target, 'manifest.json'), join(target, 'manifest.json.tmp'));
    expect(await refusal(target)).toContain('is no whole backup: it has no manifest.json');
    writeFileSync(join(target, 'manifest.json'), '{"format":"botplane-backup","version":2}');
    expect(await refusal(target)).toContain('format version 2, but this botplane reads version 1');
    writeFileSync(join(target, 'manifest.json'), '{"format":');
    expect(await refusal(target)).toContain('manifest.json is damaged');
  });

  it('never goes into a folder that holds something', async () => {
    expect(await old.cli('backup', saved)).toMatchObject({ code: 1, err: expect.stringContaining('is not empty') });
  });

  it('names every variable that is missing, and servers that do not answer', async () => {
    const { code, err } = await old.cli('backup', join(folder, 'x'), '--only', 'nowhere');
    expect([code, err]).toEqual([2, '--only takes nats, postgres, s3, not nowhere']);
    const { endpoint } = old.s3;
    Object.assign(old.s3, { endpoint: '' });
    expect(await old.cli('backup', join(folder, 'y'))).toMatchObject({ code: 1, err: expect.stringContaining('s3: S3_ENDPOINT') });
    Object.assign(old.s3, { endpoint });
  });
});

describe('backups by the clock', () => {
  it('keeps the newest whole ones of the same parts, and leaves alone what is not its own', async () => {
    const target = join(folder, 'many');
    for (const name of ['botplane-20191231T000000Z', 'botplane-20200101T000000Z', 'botplane-20200102T000000Z', 'botplane-20200103T000000Z', 'photos']) {
      mkdirSync(join(target, name), { recursive: true });
      if (!name.includes('0102')) writeFileSync(join(target, name, 'manifest.json'), JSON.stringify({ parts: name.includes('2019') ? ['nats', 'postgres'] : ['nats'] }));
    }
    expect(await old.cli('backup', target, '--keep', '0', '--only', 'nats')).toMatchObject({ code: 2 });
    expect(await old.cli('backup', target, '--keep', '2', '--only', 'nats')).toMatchObject({ code: 0 });
    expect(readdirSync(target).sort()).toEqual(['botplane-20191231T000000Z', 'botplane-20200103T000000Z', expect.stringMatching(/^botplane-2\d{7}T\d{6}Z$/), 'photos']);
  });

  it('gives two that begin in the same second a folder each', async () => {
    const target = join(folder, 'twins');
    const twins = await Promise.all([1, 2].map(() => old.cli('backup', target, '--keep', '2', '--only', 'nats')));
    expect(twins).toEqual([expect.objectContaining({ code: 0 }), expect.objectContaining({ code: 0 })]);
    expect(readdirSync(target)).toHaveLength(2);
  });

  it('leaves nothing behind when it fails, so that the next one finds room', async () => {
    const target = join(folder, 'failing');
    const { endpoint } = old.s3;
    Object.assign(old.s3, { endpoint: 'http://127.0.0.1:1' });
    expect(await old.cli('backup', target, '--keep', '2', '--only', 'nats,s3')).toMatchObject({ code: 1, err: expect.stringContaining('NATS: saved') });
    Object.assign(old.s3, { endpoint });
    expect(readdirSync(target)).toEqual([]);
  });

  it('makes room before it begins: what was broken off is gone, and so is what is more than it shall keep', async () => {
    const target = join(folder, 'full');
    const wholes = ['botplane-20200101T000000Z', 'botplane-20200102T000000Z', 'botplane-20200103T000000Z'];
    for (const name of [...wholes, 'botplane-20200104T000000Z']) mkdirSync(join(target, name), { recursive: true });
    for (const name of wholes) writeFileSync(join(target, name, 'manifest.json'), name.includes('0102') ? 'damaged' : JSON.stringify({ parts: ['s3'] }));
    const { endpoint } = old.s3;
    Object.assign(old.s3, { endpoint: 'http://127.0.0.1:1' });
    expect(await old.cli('backup', target, '--keep', '1', '--only', 's3')).toMatchObject({ code: 1 });
    Object.assign(old.s3, { endpoint });
    expect(readdirSync(target).sort()).toEqual(wholes.slice(1));
  });

  it('leaves one alone that another process may still be making', async () => {
    const target = join(folder, 'busy');
    const name = (hoursAgo: number): string => `botplane-${new Date(Date.now() - hoursAgo * 3_600_000).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
    const [living, brokenOff] = [name(1), name(3)];
    for (const each of [living, brokenOff]) mkdirSync(join(target, each), { recursive: true });
    expect(await old.cli('backup', target, '--keep', '1', '--hours-max', '2', '--only', 'nats')).toMatchObject({ code: 0, err: expect.stringContaining(`removed ${brokenOff}`) });
    expect(readdirSync(target).sort()).toEqual([living, expect.stringMatching(/^botplane-2\d{7}T\d{6}Z$/)]);
    expect(await old.cli('backup', target, '--keep', '1', '--hours-max', 'x')).toMatchObject({ code: 2 });
  });
});

describe('the folder of a backup', () => {
  it('does not become a whole one when somebody removed it meanwhile', async () => {
    const target = join(folder, 'removed');
    const making = await BackupFolder.create(target);
    await making.write('nats/one', (file) => file.write(Buffer.from('1')));
    rmSync(target, { recursive: true });
    await making.write('nats/two', (file) => file.write(Buffer.from('2')));
    await expect(making.finish({ format: 'botplane-backup', version: 1, takenAt: new Date().toISOString(), parts: ['nats'] })).rejects.toThrow('was removed while the backup was made');
    expect(existsSync(join(target, 'manifest.json'))).toBe(false);
  });

  it('is gone when the backup is given up, or empty again where it was there before', async () => {
    const [fresh, present] = [join(folder, 'fresh'), join(folder, 'present')];
    mkdirSync(present);
    for (const path of [fresh, present]) {
      const making = await BackupFolder.create(path);
      await making.write('nats/one', (file) => file.write(Buffer.from('1')));
      await making.remove();
    }
    expect([existsSync(fresh), readdirSync(present)]).toEqual([false, []]);
  });

  it('is made by one of two that begin in the same second', async () => {
    const target = join(folder, 'twice');
    const answers = await Promise.allSettled([BackupFolder.create(target), BackupFolder.create(target)]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
