import { BUCKETS } from '@botplane/contracts';
import type { ChatRecord } from '@botplane/contracts';
import { TypedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { startNats } from '@botplane/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Conversations } from '../src/adapters/conversations.ts';

let server: Awaited<ReturnType<typeof startNats>>;
let nats: Nats;
let chats: TypedBucket<ChatRecord>;
beforeAll(async () => {
  server = await startNats();
  nats = await openNats({ url: server.url, name: 'test' });
  await ensureTopology(nats.jsm, { replicas: 1 });
  chats = new TypedBucket(nats.jsm, BUCKETS.chatState);
});
afterAll(async () => {
  await nats?.connection.close();
  await server?.stop();
});

const record = (revision?: string): ChatRecord => ({ v: 1, seq: 1, updateIds: [], timers: [], outbox: [], routeSeq: 1, state: (revision === undefined ? {} : { conversation: { revision } }) as ChatRecord['state'] });

it('[P7] a revision is drained once no chat of the bot has a conversation on it, however many chats there are', async () => {
  const conversations = new Conversations(nats);
  const isDrained = () => conversations.isDrained('shop_b', 'b-1', 't1');
  expect(await isDrained()).toBe(true);
  await chats.put('shop_other.1', record('b-1'));
  await Promise.all(Array.from({ length: 600 }, (_, chat) => chats.put(`shop_b.${chat}`, record(chat % 2 === 0 ? 'b-2' : undefined))));
  expect(await isDrained()).toBe(true);

  await chats.put('shop_b.17', record('b-1'));
  await chats.put('shop_b.18', record('b-1'));
  expect(await isDrained()).toBe(false);
  await chats.put('shop_b.17', record('b-2'));
  expect(await isDrained()).toBe(false);
  await chats.delete('shop_b.18');
  expect(await isDrained()).toBe(true);
});
