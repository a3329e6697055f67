import { describe, expect, it } from 'vitest';
import { getCondition, isFalse, isTrue, removeCondition, setCondition } from './conditions.ts';

const EARLY = '2026-01-01T00:00:00Z';
const LATE = '2026-01-01T00:05:00.789Z';
const ready = (status: 'True' | 'False', reason: string, observedGeneration = 1) => ({ type: 'Ready', status, reason, message: '', observedGeneration });

describe('setCondition', () => {
  it('keeps the transition time while only reason, message or generation change', () => {
    const first = setCondition(undefined, ready('False', 'Deploying'), EARLY);
    const second = setCondition(first, { ...ready('False', 'NoCapacity', 2), message: 'no room' }, LATE);
    expect(second).toEqual([{ type: 'Ready', status: 'False', reason: 'NoCapacity', message: 'no room', observedGeneration: 2, lastTransitionTime: EARLY }]);
  });

  it('moves the transition time on a flip, in whole seconds', () => {
    const first = setCondition(undefined, ready('False', 'Deploying'), EARLY);
    expect(setCondition(first, ready('True', 'Deployed'), LATE)[0]?.lastTransitionTime).toBe('2026-01-01T00:05:00Z');
  });

  it('changes neither the given list nor the place of others', () => {
    const first = setCondition(setCondition(undefined, { type: 'A', status: 'True', reason: 'Yes' }, EARLY), ready('False', 'No'), EARLY);
    const copy = structuredClone(first);
    const second = setCondition(first, { type: 'A', status: 'Unknown', reason: 'Maybe' }, LATE);
    expect(first).toEqual(copy);
    expect(second.map((condition) => condition.type)).toEqual(['A', 'Ready']);
  });
});

it('reads conditions, with the generation if asked', () => {
  const conditions = setCondition(undefined, ready('True', 'Deployed', 3), EARLY);
  expect(isTrue(conditions, 'Ready')).toBe(true);
  expect(isTrue(conditions, 'Ready', 3)).toBe(true);
  expect(isTrue(conditions, 'Ready', 4)).toBe(false);
  expect(isFalse(conditions, 'Ready')).toBe(false);
  expect(isFalse(conditions, 'Absent')).toBe(false);
  expect(getCondition(undefined, 'Ready')).toBeUndefined();
  expect(removeCondition(conditions, 'Ready')).toEqual([]);
});
