import { STREAMS, subjects } from '@botplane/contracts';
import { startNats, whileDown } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { nanos } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ConflictError, DueTimers, Timers, ensureTopology, openNats } from '../src/index.ts';
import type { DueTimer, Nats, Timer } from '../src/index.ts';

let server: TestNats;
let nats: Nats;
let timers: Timers;

const timer = (key: string, inMs: number, nonce = 'n1', armedBy = 1): Timer => ({ partition: 7, botId: 'default_bot', orderKey: 'c1', stateKey: 'c1_u2', key, nonce, atMs: Date.now() + inMs, armedBy });

beforeAll(async () => {
  server = await startNats({ syncAlways: true });
  nats = await openNats({ url: server.url, name: 'test' });
  await ensureTopology(nats.jsm);
  timers = new Timers(nats);
});
afterAll(async () => {
  await nats.connection.close();
  await server.stop();
});

/** Receives due timers until the test ends, however it ends: what goes on would take those of the next one. */
function receive(work: (due: DueTimer) => Promise<void>): void {
  const receiver = new DueTimers(nats, work);
  receiver.start();
  onTestFinished(() => receiver.stop());
}

describe('timers', () => {
  it('[P9] fire once at their time; armed again they are replaced, disarmed they are silent', async () => {
    const due: { timer: DueTimer; lateMs: number }[] = [];
    receive(async (one) => void due.push({ timer: one, lateMs: Date.now() - one.atMs }));
    await timers.arm(timer('wait', 1_200));
    await timers.arm(timer('wait', 2_000, 'n2'));
    await timers.arm(timer('suspended', 1_500));
    await timers.disarm(timer('suspended', 0));
    await timers.arm(timer('past', -5_000));
    await expect.poll(() => due.length, { timeout: 8_000 }).toBe(2);
    expect(due.map(({ timer: { key, nonce, stateKey } }) => [key, nonce, stateKey])).toEqual([['past', 'n1', 'c1_u2'], ['wait', 'n2', 'c1_u2']]);
    expect(due[1]?.lateMs).toBeLessThan(3_000);
    await expect.poll(async () => (await nats.jsm.streams.info(STREAMS.timers)).state.messages).toBe(0);
  });

  it('[P9] of a later update are neither replaced nor disarmed by an owner that was asleep', async () => {
    const due: string[] = [];
    receive(async ({ key, nonce }) => void due.push(`${key} ${nonce}`));
    for (const key of ['replaced', 'disarmed']) await timers.arm(timer(key, 1_000, 'later', 12));
    await timers.arm(timer('replaced', 500, 'earlier', 11));
    await timers.disarm(timer('disarmed', 0, 'earlier', 11));
    await expect.poll(() => due.toSorted()).toEqual(['disarmed later', 'replaced later']);
  });

  it('[P9] are armed by one of two that do it at the same time, and the other is told', async () => {
    const ends = await Promise.allSettled([timers.arm(timer('race', 60_000)), timers.arm(timer('race', 60_000, 'n2', 2))]);
    for (const { reason } of ends.filter((end) => end.status === 'rejected')) expect(reason).toBeInstanceOf(ConflictError);
    await timers.arm(timer('race', 60_000, 'n2', 2));
    await timers.arm(timer('race', 60_000));
    const armed = await nats.jsm.streams.getMessage(STREAMS.timers, { last_by_subj: subjects.timerAt(7, 'default_bot', 'c1_u2.race') });
    expect(armed?.json()).toMatchObject({ nonce: 'n2' });
    await timers.disarm(timer('race', 0, 'n2', 2));
  });

  it('[P9] fire through a consumer that another version made, and bring it to our settings', async () => {
    const ackWait = async (): Promise<number> => (await nats.jsm.consumers.info(STREAMS.timers, 'due')).config.ack_wait ?? 0;
    await nats.jsm.consumers.update(STREAMS.timers, 'due', { ack_wait: nanos(3_600_000) });
    const due: string[] = [];
    receive(async ({ key }) => void due.push(key));
    await timers.arm(timer('adopted', 0));
    await expect.poll(() => due).toEqual(['adopted']);
    expect(await ackWait()).toBe(nanos(30_000));
  });

  it('[P9] come again when they could not be settled', async () => {
    let tries = 0;
    receive(async () => {
      if (++tries === 1) throw new Error('not now');
    });
    await timers.arm(timer('again', 0));
    await expect.poll(() => tries, { timeout: 8_000 }).toBe(2);
  });

  it('[P9] fire after everything was down when they fell due', async () => {
    await timers.arm(timer('down', 1_000));
    await whileDown(server, () => new Promise((resolve) => setTimeout(resolve, 2_000)));
    const due: DueTimer[] = [];
    receive(async (one) => void due.push(one));
    await expect.poll(() => due.map((one) => one.key)).toEqual(['down']);
  });
});
