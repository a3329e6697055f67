import { STEP_MS_BOUNDS } from '@botplane/contracts';
import { expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { RevisionCounter } from './revision-counter.ts';

it('[P7] counts steps, faults, kills and dead letters by revision, and begins anew once they are taken', () => {
  const counter = new RevisionCounter();
  counter.step('shop_b', 'b-1', 0.4, false);
  counter.step('shop_b', 'b-1', 60, true);
  counter.step('shop_b', 'b-1', 60_000, false);
  counter.failure('shop_b', 'b-2', true);
  counter.failure('shop_b', 'b-2', false);
  counter.deadLetter('shop_b', 'b-2');
  const stepMs = (...at: number[]): number[] => Array.from({ length: STEP_MS_BOUNDS.length + 1 }, (_, index) => at.filter((bound) => bound === index).length);
  expect(counter.take()).toEqual([
    { botId: 'shop_b', revision: 'b-1', runs: 3, errors: 1, kills: 0, deadLetters: 0, stepMs: stepMs(0, STEP_MS_BOUNDS.indexOf(75), STEP_MS_BOUNDS.length) },
    { botId: 'shop_b', revision: 'b-2', runs: 2, errors: 2, kills: 1, deadLetters: 1, stepMs: stepMs() },
  ]);
  expect(counter.take()).toEqual([]);
});

it('counts no more revisions than it may', () => {
  const counter = new RevisionCounter();
  for (let n = 0; n <= LIMITS.statsRevisionsMax; n++) counter.step(`shop_${n}`, 'r', 1, false);
  expect(counter.take()).toHaveLength(LIMITS.statsRevisionsMax);
});
