import { sha256Hex } from '@botplane/domain';
import { startS3 } from '@botplane/testing';
import type { TestS3 } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArtefactStore } from '../src/artefacts.ts';

let s3: TestS3;
let store: ArtefactStore;
beforeAll(async () => {
  s3 = await startS3();
  store = new ArtefactStore({ S3_ENDPOINT: s3.endpoint, S3_ACCESS_KEY: s3.accessKey, S3_SECRET_KEY: s3.secretKey, S3_BUCKET: s3.bucket, S3_REGION: 'us-east-1' });
});
afterAll(async () => {
  store?.close();
  await s3?.stop();
});

describe('ArtefactStore', () => {
  const code = Buffer.from('globalThis.botplane = {}');

  it('[P6] writes a file once: the same content again is fine, other content is refused', async () => {
    expect(await store.put('bots/a_b/r1/bot.js', code, 'text/javascript')).toBe('created');
    expect(await store.put('bots/a_b/r1/bot.js', code, 'text/javascript')).toBe('exists');
    await expect(store.put('bots/a_b/r1/bot.js', Buffer.from('other'), 'text/javascript')).rejects.toMatchObject({ code: 'artefact.conflict' });
    expect(await store.get('bots/a_b/r1/bot.js', sha256Hex(code))).toEqual(code);
  });

  it('[P6] lets one of many writers at once create it', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => store.put('bots/a_b/r2/bot.js', code, 'text/javascript')));
    expect(results.filter((result) => result === 'created')).toHaveLength(1);
  });

  it('tells missing, corrupt and unreachable apart', async () => {
    await store.put('bots/a_b/r3/bot.js', code, 'text/javascript');
    await expect(store.get('bots/a_b/r3/spec.json')).rejects.toMatchObject({ code: 'artefact.missing' });
    await expect(store.get('bots/a_b/r3/bot.js', sha256Hex('other'))).rejects.toMatchObject({ code: 'artefact.corrupt' });
    const away = new ArtefactStore({ S3_ENDPOINT: 'http://127.0.0.1:9', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b', S3_BUCKET: 'botplane', S3_REGION: 'us-east-1' });
    await expect(away.get('bots/a_b/r3/bot.js')).rejects.toMatchObject({ code: 'store.unavailable' });
  });

  it('lists what lies below a prefix, with its time', async () => {
    for (const key of ['bots/c_d/r1/bot.js', 'bots/c_d/files/f1', 'bots/c_d-2/r1/bot.js']) await store.put(key, code, 'text/javascript');
    const found: string[] = [];
    for await (const { key, modifiedMs } of store.list('bots/c_d/')) {
      found.push(key);
      expect(modifiedMs).toBeGreaterThan(Date.parse('2026-01-01'));
    }
    expect(found.toSorted()).toEqual(['bots/c_d/files/f1', 'bots/c_d/r1/bot.js']);
    for await (const entry of store.list('bots/nobody/')) expect(entry).toBeUndefined();
  });

  it('knows whether the bucket is there', async () => {
    expect(await store.check()).toBe(true);
  });
});
