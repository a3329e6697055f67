import { randomBytes } from 'node:crypto';
import type { StoredFile } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import type { Json } from '@botplane/domain';
import { ArtefactStore } from '@botplane/kit';
import type { RunningService } from '@botplane/kit';
import { startS3, whileDown } from '@botplane/testing';
import type { TestS3 } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, sleep } from './setup.ts';
import type { TestBot } from './setup.ts';

let stage: Stage;
let s3: TestS3;
let store: ArtefactStore;
let delivery: RunningService;
beforeAll(async () => {
  [stage, s3] = await Promise.all([Stage.open(), startS3()]);
  const env = { S3_ENDPOINT: s3.endpoint, S3_ACCESS_KEY: s3.accessKey, S3_SECRET_KEY: s3.secretKey, S3_BUCKET: s3.bucket, S3_REGION: 'us-east-1' };
  store = new ArtefactStore(env);
  delivery = await stage.startDelivery(env);
});
afterAll(async () => {
  await delivery?.close();
  store?.close();
  await s3?.stop();
  await stage?.close();
});

const patience = { timeout: 60_000 };
const LARGE_BYTES = 3 * 1024 * 1024;

interface Call {
  status: number;
  params: { [name: string]: unknown };
  files: { field: string; size: number; file_name: string; mime_type: string }[];
}

async function callsOf(bot: TestBot, method: string): Promise<Call[]> {
  return (await stage.control<{ calls: Call[] }>('GET', `calls?token=${bot.token}&method=${method}`)).calls;
}

async function put(bot: TestBot, name: string, bytes: number): Promise<StoredFile> {
  const content = randomBytes(bytes);
  const key = `bots/${bot.botId}/files/${name}`;
  await store.put(key, content, 'image/png');
  return { key, sha256: sha256Hex(content), bytes, fileName: name, mimeType: 'image/png' };
}

const send = (bot: TestBot, chat: number, [method, field]: readonly [string, string], file: StoredFile, text = ''): Promise<unknown> =>
  bot.send(chat, '', { method, params: { chat_id: chat, caption: text, [field]: { $file: file } as unknown as Json } });

describe('a file in S3', () => {
  it('goes up once as a stream, and by its file_id from then on', async () => {
    const bot = await stage.bot();
    await bot.people(1, 2);
    const file = await put(bot, 'large "é".png', LARGE_BYTES);
    await send(bot, 1, ['sendPhoto', 'photo'], file, 'first');
    await expect.poll(async () => (await callsOf(bot, 'sendPhoto')).map((call) => [call.status, call.files[0]?.size]), patience).toEqual([[200, LARGE_BYTES]]);
    await send(bot, 2, ['sendPhoto', 'photo'], file, 'second');
    await send(bot, 2, ['sendDocument', 'document'], file);
    await expect.poll(async () => (await callsOf(bot, 'sendDocument')).length, patience).toBe(1);
    const [first, second] = await callsOf(bot, 'sendPhoto');
    expect(first?.params).toMatchObject({ caption: 'first', photo: 'attach://file0' });
    expect(second?.files).toEqual([]);
    expect(second?.params['photo']).toMatch(/^SIM/);
    expect((await callsOf(bot, 'sendDocument'))[0]?.files).toHaveLength(1); // A photo's file_id is good for photos only.
  });

  it('is refused with its reason when it is missing, of another size, or not the bot’s', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    const file = await put(bot, 'small.png', 1_000);
    await send(bot, 1, ['sendPhoto', 'photo'], { ...file, key: `bots/${bot.botId}/files/none.png`, sha256: 'b'.repeat(64) });
    await send(bot, 1, ['sendPhoto', 'photo'], { ...file, bytes: 900, sha256: 'c'.repeat(64) });
    await send(bot, 1, ['sendPhoto', 'photo'], { ...file, key: 'bots/other_bot/files/small.png' });
    await bot.send(1, 'after');
    await expect.poll(() => bot.texts(1), patience).toEqual(['after']);
    expect((await bot.deadLetters()).map(({ reason }) => reason)).toEqual(['file_missing', 'file_missing', 'bad_file']);
    expect(await bot.texts(1)).toEqual(['after']);
  });

  it('waits while the object store is away', async () => {
    const bot = await stage.bot();
    await bot.people(1);
    const file = await put(bot, 'later.png', 1_000);
    await whileDown(s3, async () => {
      await send(bot, 1, ['sendPhoto', 'photo'], file);
      await sleep(800);
      expect((await callsOf(bot, 'sendPhoto')).filter((call) => call.status === 200)).toEqual([]);
    });
    await expect.poll(async () => (await callsOf(bot, 'sendPhoto')).filter((call) => call.status === 200).length, patience).toBe(1);
    expect(await bot.deadLetters()).toEqual([]);
  });
});
