import { setTimeout as sleep } from 'node:timers/promises';
import { Readiness } from '@botplane/kit/plain';
import { expect, it } from 'vitest';
import { watchLiveness } from './leader.ts';
import { EVENT_LOOP_BLOCK_TOLD_MS, EVENT_LOOP_DELAY_MS_MAX, LEASE_AGE_MS_MAX } from './limits.ts';

const NS_PER_MS = 1e6;

/** Liveness as /livez tells it, with a lease, a histogram and a clock that the test sets. */
function setup() {
  const world = { leaseAgeMs: undefined as number | undefined, nowMs: 1_000 };
  const delays = { max: 0, reset: () => void (delays.max = 0) };
  const liveness = new Readiness();
  watchLiveness(liveness, { get leaseAgeMs() { return world.leaseAgeMs; } }, delays, () => world.nowMs);
  return { world, block: (ms: number) => void (delays.max = ms * NS_PER_MS), look: async () => (await liveness.report()).checks };
}

it('[A6] livez fails while a leader still runs though its lease is old, and never on one that stands by', async () => {
  const { world, look } = setup();
  expect(await look()).toMatchObject({ lease: 'ok' });
  world.leaseAgeMs = LEASE_AGE_MS_MAX - 1;
  expect(await look()).toMatchObject({ lease: 'ok' });
  world.leaseAgeMs = LEASE_AGE_MS_MAX;
  expect(await look()).toMatchObject({ lease: 'not ready' });
});

it('[A6] a block of the event loop is told to every reader for a while, and then forgiven', async () => {
  const { world, block, look } = setup();
  block(EVENT_LOOP_DELAY_MS_MAX);
  expect(await look()).toMatchObject({ 'event-loop': 'ok' });
  block(EVENT_LOOP_DELAY_MS_MAX + 1);
  expect(await look()).toMatchObject({ 'event-loop': `blocked for ${EVENT_LOOP_DELAY_MS_MAX + 1} ms` });
  world.nowMs += EVENT_LOOP_BLOCK_TOLD_MS - 1;
  expect(await look()).toMatchObject({ 'event-loop': `blocked for ${EVENT_LOOP_DELAY_MS_MAX + 1} ms` });
  world.nowMs += 1;
  expect(await look()).toMatchObject({ 'event-loop': 'ok' });
});

it('[A6] a loop that is blocked again is told for as long again', async () => {
  const { world, block, look } = setup();
  block(9_000);
  await look();
  world.nowMs += EVENT_LOOP_BLOCK_TOLD_MS - 1;
  block(6_000);
  expect(await look()).toMatchObject({ 'event-loop': 'blocked for 6000 ms' });
  world.nowMs += EVENT_LOOP_BLOCK_TOLD_MS - 1;
  expect(await look()).toMatchObject({ 'event-loop': 'blocked for 6000 ms' });
});

it('[A6] a loop that is really blocked is seen', async () => {
  const liveness = new Readiness();
  watchLiveness(liveness, { leaseAgeMs: undefined });
  await sleep(300);
  const endMs = performance.now() + EVENT_LOOP_DELAY_MS_MAX + 500;
  while (performance.now() < endMs);
  await sleep(300);
  expect((await liveness.report()).checks['event-loop']).toMatch(/^blocked for \d+ ms$/);
});
