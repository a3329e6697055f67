import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startDeadline } from './deadline.ts';

it('fires when its time is over, and says so', async () => {
  const deadline = startDeadline(undefined, 5);
  await expect.poll(() => deadline.passed).toBe(true);
  expect(deadline.signal.reason).toMatchObject({ name: 'TimeoutError' });
});

it('fires with its parent and for its reason, also when that fired before', () => {
  const parent = new AbortController();
  const early = startDeadline(parent.signal, 60_000);
  parent.abort('enough');
  const late = startDeadline(parent.signal, 60_000);
  expect([early.signal.reason, late.signal.reason]).toEqual(['enough', 'enough']);
  expect(early.passed).toBe(false);
  early.clear();
  late.clear();
});

it('never fires once cleared', async () => {
  const parent = new AbortController();
  const deadline = startDeadline(parent.signal, 5);
  deadline.clear();
  parent.abort();
  await sleep(20);
  expect(deadline.signal.aborted).toBe(false);
});
