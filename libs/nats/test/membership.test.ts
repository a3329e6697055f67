import { startNats } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Membership, openNats } from '../src/index.ts';
import type { Nats } from '../src/index.ts';

let server: TestNats;
let nats: Nats;
const never = new AbortController().signal;

beforeAll(async () => {
  server = await startNats();
  nats = await openNats({ url: server.url, name: 'members' });
});
afterAll(async () => {
  await nats.connection.close();
  await server.stop();
});

it('[P9] a newcomer knows who lives once its roll call is over, and takes whom it never heard of for dead', async () => {
  const living = new Membership(nats.connection, 'lives', 'old');
  living.start();
  const newcomer = new Membership(nats.connection, 'lives', 'new');
  newcomer.listen();
  expect(newcomer.mayBeAlive('dead')).toBe(true);
  await newcomer.heard(never);
  expect([newcomer.mayBeAlive('old'), newcomer.mayBeAlive('dead')]).toEqual([true, false]);
  expect(living.alive(), 'who only listens is no member').toEqual(['old']);
  newcomer.start();
  await expect.poll(() => living.alive()).toEqual(['new', 'old']);
  newcomer.stop();
  living.stop();
});

it('a member answers each roll call at once', async () => {
  const living = new Membership(nats.connection, 'called', 'old');
  living.start();
  let beats = 0;
  nats.connection.subscribe('botplane.members.called', { callback: () => void (beats += 1) });
  const newcomers = Array.from({ length: 20 }, (_, n) => new Membership(nats.connection, 'called', `new${n}`));
  for (const newcomer of newcomers) newcomer.listen();
  // Without an answer it would take 10 s to hear as many.
  await expect.poll(() => beats).toBeGreaterThanOrEqual(newcomers.length);
  for (const newcomer of newcomers) newcomer.stop();
  living.stop();
});

it('after a lost connection it gives the others longer to be heard again', async () => {
  const member = new Membership(nats.connection, 'forgets', 'one');
  member.start();
  await member.heard(never);
  expect(member.mayBeAlive('other')).toBe(false);
  member.forgetOthers();
  expect(member.mayBeAlive('other')).toBe(true);
  member.stop();
});
