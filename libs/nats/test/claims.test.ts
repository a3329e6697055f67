import { setTimeout as sleep } from 'node:timers/promises';
import { BUCKETS } from '@botplane/contracts';
import type { OwnerRecord } from '@botplane/contracts';
import { startNats } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Claims, JetPublisher, NATS_LIMITS, TypedBucket, ensureTopology, openNats } from '../src/index.ts';
import type { ClaimEvent, Nats, PartitionMessage, PartitionWork } from '../src/index.ts';

const PARTITIONS = 8;
let server: TestNats;
let observer: Nats;
let stream = '';
let round = 0;
/** Ended after each test. */
const members: { readonly claims: Pick<Claims, 'stop'>; readonly nats: Nats }[] = [];

/** A member that settles each message after a moment and notes what it did. */
class TestMember {
  readonly events: ClaimEvent[] = [];
  readonly claims: Claims<string>;

  constructor(
    readonly nats: Nats,
    name: string,
    readonly settled: string[],
    delayMs = 0,
  ) {
    this.claims = new Claims({
      nats, stream, partitions: PARTITIONS, member: name,
      filters: (partition) => [`${stream}.${partition}.>`],
      onEvent: (event) => this.events.push(event),
      work: (ownership) => {
        let chain = Promise.resolve();
        return {
          read: (message) => ({ lane: '', item: message.string() }),
          accept: (text, settle) => {
            chain = chain.then(async () => {
              await sleep(delayMs);
              if (!ownership.isOwned) return;
              settled.push(text);
              settle();
            });
          },
          idle: () => chain,
          drop: () => undefined,
        };
      },
    });
  }
}

async function makeMember(name: string, settled: string[], delayMs = 0): Promise<TestMember> {
  const member = new TestMember(await openNats({ url: server.url, name }), name, settled, delayMs);
  members.push(member);
  return member;
}

/** A member that does with its messages what the test says. `laneOf`: one lane unless said otherwise. */
async function joinWith(name: string, accept: PartitionWork<PartitionMessage>['accept'], laneOf = (_message: PartitionMessage): string => ''): Promise<{ claims: Claims<PartitionMessage>; nats: Nats }> {
  const nats = await openNats({ url: server.url, name });
  const claims = new Claims({
    nats, stream, partitions: PARTITIONS, member: name, filters: (partition) => [`${stream}.${partition}.>`],
    work: () => ({ read: (message) => ({ lane: laneOf(message), item: message }), accept, idle: async () => undefined, drop: () => undefined }),
  });
  members.push({ claims, nats });
  claims.start();
  return { claims, nats };
}

async function join(name: string, settled: string[], delayMs = 0): Promise<TestMember> {
  const member = await makeMember(name, settled, delayMs);
  member.claims.start();
  return member;
}

/** A member that writes its records, and is then neither heard nor does anything until it wakes. */
async function joinAsleep(name: string, settled: string[]): Promise<{ member: TestMember; wake: () => void }> {
  const member = await makeMember(name, settled);
  const { connection, jsm } = member.nats;
  const { promise: awake, resolve: wake } = Promise.withResolvers<void>();
  const [add, publishes] = [jsm.consumers.add.bind(jsm.consumers), connection.publish.bind(connection)];
  jsm.consumers.add = async (...parameters) => {
    connection.publish = () => undefined;
    await awake;
    connection.publish = publishes;
    return add(...parameters);
  };
  member.claims.start();
  return { member, wake };
}

/** Its heartbeats and answers to roll calls are not heard until the returned function is called. */
function hush({ connection }: Nats): () => void {
  const publishes = connection.publish.bind(connection);
  connection.publish = (subject, ...rest) => {
    if (!subject.startsWith('botplane.members.')) publishes(subject, ...rest);
  };
  return () => (connection.publish = publishes);
}

/** A newcomer beside an owner of all partitions that is not heard. The owner hears it and gives up half; to the newcomer it is dead if silence counts. */
async function joinBesideHushed(): Promise<{ owner: TestMember; newcomer: TestMember; speak: () => void }> {
  const owner = await join('owner', []);
  await expect.poll(() => owner.claims.ownedCount).toBe(PARTITIONS);
  const speak = hush(owner.nats);
  return { owner, newcomer: await join('newcomer', []), speak };
}

/** What is to happen each time that a member has looked for a consumer, before it goes on. */
function afterLook({ jsm }: Nats, happen: (consumer: string) => Promise<void>): void {
  const info = jsm.consumers.info.bind(jsm.consumers);
  jsm.consumers.info = async (of, consumer) => {
    try {
      return await info(of, consumer);
    } finally {
      await happen(consumer);
    }
  };
}

async function consumersOf(name: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name: consumer } of observer.jsm.consumers.list(name)) names.push(consumer);
  return names;
}

/** Pulls that wait at the server, per consumer. */
async function pulls(): Promise<number[]> {
  const waiting: number[] = [];
  for await (const { num_waiting: pulled } of observer.jsm.consumers.list(stream)) waiting.push(pulled);
  return waiting;
}

async function publish(from: number, to: number): Promise<void> {
  const publisher = new JetPublisher(observer.js);
  for (let n = from; n < to; n++) await publisher.publish(`${stream}.${n % PARTITIONS}.bot`, String(n), { msgId: `${stream}:${n}` });
}

/** Per partition, the numbers in the order in which they were settled. */
const inOrder = (settled: string[]): boolean =>
  Array.from({ length: PARTITIONS }, (_, p) => settled.map(Number).filter((n) => n % PARTITIONS === p)).every((list) => list.every((n, at) => at === 0 || n >= (list[at - 1] ?? 0)));

beforeAll(async () => {
  server = await startNats({ syncAlways: true });
  observer = await openNats({ url: server.url, name: 'observer' });
  await ensureTopology(observer.jsm);
});
afterEach(async () => {
  await Promise.all(members.splice(0).map(async (member) => {
    await member.claims.stop();
    await member.nats.connection.close();
  }));
});
afterAll(async () => {
  await observer.connection.close();
  await server.stop();
});

describe('Claims', () => {
  const start = async (): Promise<void> => {
    stream = `T${++round}`;
    await observer.jsm.streams.add({ name: stream, subjects: [`${stream}.>`], allow_direct: true });
  };

  it('[P9] hands partitions to a second member without losing or reordering', async () => {
    await start();
    const settled: string[] = [];
    const first = await join('first', settled, 2);
    await expect.poll(() => first.claims.ownedCount).toBe(PARTITIONS);
    const publishing = publish(0, 400);
    const second = await join('second', settled, 2);
    await expect.poll(() => [first.claims.ownedCount, second.claims.ownedCount]).toEqual([4, 4]);
    await publishing;
    await expect.poll(() => new Set(settled).size).toBe(400);
    expect(settled).toHaveLength(400);
    expect(inOrder(settled)).toBe(true);
  });

  it('[P9] takes over from a member that died without a word', async () => {
    await start();
    const settled: string[] = [];
    const first = await join('dies', settled, 20);
    await expect.poll(() => first.claims.ownedCount).toBe(PARTITIONS);
    await publish(0, 64);
    members.splice(members.indexOf(first), 1);
    await first.nats.connection.close();
    const second = await join('heir', settled);
    await expect.poll(() => second.claims.ownedCount).toBe(PARTITIONS);
    await expect.poll(() => new Set(settled).size).toBe(64);
  });

  it('[P9] a newcomer leaves alone what a member holds that is connected, but too busy to answer its roll call', async () => {
    await start();
    const { owner: busy, newcomer, speak } = await joinBesideHushed();
    await sleep(1_500);
    speak();
    await expect.poll(() => [busy.claims.ownedCount, newcomer.claims.ownedCount]).toEqual([4, 4]);
    expect(busy.events.filter(({ kind }) => kind === 'lost')).toEqual([]);
  });

  it('[P9] and so it does when the member was given so much that no pull of it waits at the server', async () => {
    await start();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const { claims: loaded, nats } = await joinWith('loaded', () => over);
    await expect.poll(() => loaded.ownedCount).toBe(PARTITIONS);
    await publish(0, PARTITIONS * 300);
    await expect.poll(async () => (await pulls()).every((waiting) => waiting === 0)).toBe(true);
    hush(nats);
    const newcomer = await join('newcomer', []);
    await sleep(1_500);
    // Half was given up.
    expect(newcomer.claims.ownedCount).toBe(PARTITIONS / 2);
    end();
  });

  it('[P9] a newcomer takes from a member that is connected and stays silent', async () => {
    await start();
    const { newcomer, speak } = await joinBesideHushed();
    await expect.poll(() => newcomer.claims.ownedCount).toBe(PARTITIONS);
    speak();
  });

  it.each(['after its heir claimed', 'between the look and the record of its heir'])('[P9] owns nothing when it slept between its own record and its consumer, and wakes %s', async (when) => {
    await start();
    const settled: string[] = [];
    const sleeper = await joinAsleep('sleeper', settled);
    const owners = new TypedBucket<OwnerRecord>(observer.jsm, BUCKETS.owners);
    const recorded = async (): Promise<string[]> => (await Promise.all(Array.from({ length: PARTITIONS }, (_, p) => owners.get(`${stream}.${p}`)))).flatMap((record) => record?.value.consumer ?? []);
    await expect.poll(recorded).toHaveLength(PARTITIONS);
    const late = new Set(await recorded());

    const heir = await makeMember('heir', settled);
    if (when.startsWith('between')) {
      afterLook(heir.nats, async (consumer) => {
        if (!late.has(consumer)) return;
        sleeper.wake();
        await expect.poll(() => sleeper.member.events.some((event) => event.kind === 'claimed' && event.consumer === consumer)).toBe(true);
      });
    }
    heir.claims.start();
    await expect.poll(async () => (await recorded()).some((consumer) => late.has(consumer))).toBe(false);
    sleeper.wake();

    await expect.poll(async () => (await consumersOf(stream)).filter((name) => late.has(name))).toEqual([]);
    await expect.poll(() => [sleeper.member.claims.ownedCount, heir.claims.ownedCount]).toEqual([4, 4]);
    await publish(0, 64);
    await expect.poll(() => new Set(settled).size).toBe(64);
    expect(settled).toHaveLength(64);
  });

  it('claims anew when its consumer is deleted, and begins behind what was settled', async () => {
    await start();
    const settled: string[] = [];
    const member = await join('only', settled);
    await expect.poll(() => member.claims.ownedCount).toBe(PARTITIONS);
    await publish(0, 16);
    await expect.poll(() => settled.length).toBe(16);
    const owners = new TypedBucket<OwnerRecord>(observer.jsm, BUCKETS.owners);
    const record = (await owners.get(`${stream}.3`))?.value as OwnerRecord;
    await expect.poll(async () => (await observer.jsm.streams.info(stream)).state.messages).toBe(0);
    await observer.jsm.consumers.delete(stream, record.consumer);
    await expect.poll(() => member.events.filter((event) => event.kind === 'claimed' && event.partition === 3).length).toBe(2);
    await publish(16, 32);
    await expect.poll(() => settled.length).toBe(32);
    expect((await observer.jsm.streams.info(stream)).state.messages).toBeLessThanOrEqual(16);
  });

  it('goes on after the server was killed', async () => {
    await start();
    const settled: string[] = [];
    const member = await join('survivor', settled);
    await expect.poll(() => member.claims.ownedCount).toBe(PARTITIONS);
    await publish(0, 16);
    await server.kill();
    await server.restart();
    await expect.poll(() => publish(16, 32).then(() => true, () => false)).toBe(true);
    await expect.poll(() => new Set(settled).size).toBe(32);
    expect(settled.length).toBeLessThanOrEqual(48);
  });

  it('removes what is settled also where one message holds back the ack floor', async () => {
    await start();
    await joinWith('stuck', ({ subject }, settle) => void (subject.endsWith('.stuck') || settle()));
    const publisher = new JetPublisher(observer.js);
    await publisher.publish(`${stream}.1.stuck`, 'x', { msgId: `${stream}:stuck` });
    await Promise.all(Array.from({ length: 600 }, (_, n) => publisher.publish(`${stream}.1.busy`, 'x', { msgId: `${stream}:busy:${n}` })));
    await expect.poll(async () => (await observer.jsm.streams.info(stream)).state.messages).toBeLessThanOrEqual(250);
    expect((await observer.jsm.streams.getMessage(stream, { last_by_subj: `${stream}.1.stuck` }))?.subject).toBe(`${stream}.1.stuck`);
  });

  it('[P9] what one bot cannot get rid of holds up nobody else in its partition, nor its own other lanes, and nothing of it is lost or reordered', async () => {
    await start();
    const [stuck, settled]: [(() => void)[], string[]] = [[], []];
    let isStuck = true;
    const accept = (message: PartitionMessage, settle: () => void): void => {
      const done = (): void => (settled.push(`${message.subject.split('.')[2]}/${message.string()}`), settle());
      if (isStuck && message.subject.endsWith('.stuck') && !message.string().startsWith('free')) stuck.push(done);
      else done();
    };
    await joinWith('crowded', accept, (message) => message.string().split('/')[0] ?? '');
    const publisher = new JetPublisher(observer.js);
    const many = Array.from({ length: NATS_LIMITS.inHandMax + 500 }, (_, n) => n);
    const send = async (bot: string, text: string): Promise<void> => void (await publisher.publish(`${stream}.1.${bot}`, text, { msgId: `${stream}:${bot}:${text}` }));
    for (let n = 0; n < many.length; n += 500) await Promise.all(many.slice(n, n + 500).map((at) => send('stuck', `chat${at % 2}/${at}`)));
    await send('stuck', 'free/0');
    await send('other', 'any/0');
    await expect.poll(() => settled.toSorted()).toEqual(['other/any/0', 'stuck/free/0']);
    expect(stuck).toHaveLength(2 * NATS_LIMITS.inHandPerLaneMax);

    isStuck = false;
    for (const settle of stuck.splice(0)) settle();
    await expect.poll(() => settled.length, { timeout: 20_000 }).toBe(many.length + 2);
    for (const lane of ['stuck/chat0/', 'stuck/chat1/']) {
      const numbers = settled.filter((text) => text.startsWith(lane)).map((text) => Number(text.slice(lane.length)));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
    await expect.poll(async () => (await observer.jsm.streams.info(stream)).state.messages, { timeout: 15_000 }).toBe(0);
  }, 60_000);

  it('[P9] a message that waited for room and is gone from the stream holds up nothing', async () => {
    await start();
    const [inHand, seen]: [(() => void)[], string[]] = [[], []];
    await joinWith('gone', (message, settle) => {
      seen.push(message.string());
      inHand.push(settle);
    });
    const last = NATS_LIMITS.inHandPerLaneMax + 3;
    const publisher = new JetPublisher(observer.js);
    for (let n = 1; n <= last; n++) await publisher.publish(`${stream}.1.bot`, String(n), { msgId: `${stream}:${n}` });
    await expect.poll(() => seen.length).toBe(NATS_LIMITS.inHandPerLaneMax);
    await observer.jsm.streams.deleteMessage(stream, last - 2);
    for (const settle of inHand.splice(0)) settle();
    await expect.poll(() => seen.slice(NATS_LIMITS.inHandPerLaneMax)).toEqual([String(last - 1), String(last)]);
    for (const settle of inHand.splice(0)) settle();
    await expect.poll(async () => (await observer.jsm.streams.info(stream)).state.messages, { timeout: 15_000 }).toBe(0);
  }, 60_000);

  it('lets a released partition go at once', async () => {
    await start();
    const settled: string[] = [];
    const first = await join('leaves', settled);
    const second = await join('stays', settled);
    await expect.poll(() => first.claims.ownedCount + second.claims.ownedCount).toBe(PARTITIONS);
    await first.claims.stop();
    await expect.poll(() => second.claims.ownedCount, { timeout: 2_500 }).toBe(PARTITIONS);
  });
});
