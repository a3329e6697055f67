import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUCKETS, STREAMS } from '@botplane/contracts';
import { Claims, JetPublisher, TypedBucket, ensureTopology, openNats } from '@botplane/nats';
import type { Nats, PartitionMessage } from '@botplane/nats';
import { makeTempFolder, removeTempFolder, startNats } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './installs.ts';

const CHATS = 6;
const PARTITIONS = 4;
const BACKUPS = 3;

interface Counted {
  seq: number;
  n: number;
}

let folder: string;
let live: TestNats;
let target: TestNats;
let nats: Nats;
let restored: Nats;
let executor: Claims<PartitionMessage>;
beforeAll(async () => {
  folder = makeTempFolder('standstill');
  [live, target] = await Promise.all([startNats(), startNats()]);
  [nats, restored] = await Promise.all([live, target].map(({ url }) => openNats({ url, name: 'test' }))) as [Nats, Nats];
  await ensureTopology(nats.jsm);
  executor = countingExecutor();
  executor.start();
});
afterAll(async () => {
  await executor?.stop();
  await Promise.all([nats, restored].map((each) => each?.connection.close()));
  await Promise.all([live?.stop(), target?.stop()]);
  if (folder) removeTempFolder(folder);
});

/** Keeps in each chat's record how many updates it has seen, as an executor does: record first, then the acknowledgement. */
function countingExecutor(): Claims<PartitionMessage> {
  const records = new TypedBucket<Counted>(nats.jsm, BUCKETS.chatState);
  return new Claims({
    nats, stream: STREAMS.updates, partitions: PARTITIONS, member: 'executor', filters: (partition) => [`updates.${partition}.>`],
    work: (ownership) => {
      let chain = Promise.resolve();
      return {
        read: (message) => ({ lane: '', item: message }),
        accept: (message, settle) => {
          chain = chain.then(async () => {
            const key = message.subject.split('.')[2] ?? '';
            const current = (await records.get(key))?.value;
            if (ownership.isOwned && (current?.seq ?? 0) < message.seq) await records.put(key, { seq: message.seq, n: (current?.n ?? 0) + 1 });
            settle();
          });
        },
        idle: () => chain,
        drop: () => undefined,
      };
    },
  });
}

describe('a backup while people write', () => {
  it('[A6] cuts every conversation at one place: what the record has not seen waits in UPDATES, all of it and in order', async () => {
    const feeding = new AbortController();
    let sent = 0;
    const feeder = (async () => {
      const publisher = new JetPublisher(nats.js);
      for (let n = 1; !feeding.signal.aborted; n++) {
        await Promise.all(Array.from({ length: CHATS }, (_, chat) => publisher.publish(`updates.${chat % PARTITIONS}.chat${chat}`, String(n), { msgId: `${chat}:${n}` })));
        sent = n;
        await sleep(5);
      }
    })();
    await expect.poll(() => sent).toBeGreaterThan(50);

    for (let round = 0; round < BACKUPS; round++) {
      const saved = join(folder, String(round));
      const sentBefore = sent;
      const made = await runCli({ NATS_URL: live.url }, ['backup', saved, '--only', 'nats']);
      expect(made, made.err).toMatchObject({ code: 0 });
      expect(await runCli({ NATS_URL: target.url }, ['restore', saved, '--replace'])).toMatchObject({ code: 0 });
      await expectWhole(sentBefore);
    }

    feeding.abort();
    await feeder;
    // The pause is over, and nothing was lost by it.
    const records = new TypedBucket<Counted>(nats.jsm, BUCKETS.chatState);
    for (let chat = 0; chat < CHATS; chat++) await expect.poll(async () => (await records.get(`chat${chat}`))?.value.n).toBe(sent);
  });

  async function expectWhole(sentBefore: number): Promise<void> {
    const { jsm } = restored;
    const records = new TypedBucket<Counted>(jsm, BUCKETS.chatState);
    for (let chat = 0; chat < CHATS; chat++) {
      const record = (await records.get(`chat${chat}`))?.value ?? { seq: 0, n: 0 };
      const waiting = await messagesOf(`updates.${chat % PARTITIONS}.chat${chat}`);
      const unseen = waiting.filter(({ seq }) => seq > record.seq).map(({ n }) => n);
      expect(unseen).toEqual(unseen.map((_, at) => record.n + 1 + at));
      expect(record.n + unseen.length).toBeGreaterThanOrEqual(sentBefore);
    }
  }

  async function messagesOf(subject: string): Promise<{ seq: number; n: number }[]> {
    const { jsm } = restored;
    const found: { seq: number; n: number }[] = [];
    for (let seq = 1; ; ) {
      const message = await jsm.direct.getMessage(STREAMS.updates, { seq, next_by_subj: subject });
      if (message === null) return found;
      found.push({ seq: message.seq, n: Number(message.string()) });
      seq = message.seq + 1;
    }
  }
});
