import { describe, expect, it } from 'vitest';
import { canonicalJson, covers, hashOf, statusEquals } from './canonical.ts';

describe('canonicalJson', () => {
  it('does not depend on key order, undefined or null', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: undefined })).toBe('{"b":[{"d":1}]}');
    expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }));
    expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
    expect(canonicalJson(undefined)).toBe('null');
  });
});

describe('statusEquals', () => {
  const condition = (type: string, status: string) => ({ type, status, reason: 'R', lastTransitionTime: 't' });

  it('sees through order and absence', () => {
    const a = { observedGeneration: 1, canary: null, conditions: [condition('A', 'True'), condition('B', 'True')] };
    const b = { conditions: [condition('B', 'True'), condition('A', 'True')], observedGeneration: 1 };
    expect(statusEquals(a, b)).toBe(true);
    expect(statusEquals({ canary: { weight: null } }, { canary: { weight: undefined } })).toBe(true);
    expect(statusEquals(undefined, {})).toBe(false);
    expect(statusEquals(undefined, undefined)).toBe(true);
  });

  it('sees a flip and a value', () => {
    expect(statusEquals({ conditions: [condition('A', 'True')] }, { conditions: [condition('A', 'False')] })).toBe(false);
    expect(statusEquals({ failed: ['x', 'y'] }, { failed: ['y', 'x'] })).toBe(false);
    expect(statusEquals({ failed: ['x'] }, { failed: ['x', 'y'] })).toBe(false);
    expect(statusEquals({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(statusEquals({ a: 1, b: 2 }, { a: 1 })).toBe(false);
    expect(statusEquals({ a: {} }, { a: [] })).toBe(false);
    expect(statusEquals({ a: {} }, {})).toBe(false);
  });
});

describe('covers', () => {
  const live = { metadata: { name: 'a', uid: 'u' }, spec: { replicas: 1, containers: [{ name: 'c', image: 'i', pullPolicy: 'Always' }] } };

  it.each([
    ['what the server added', { spec: { containers: [{ name: 'c', image: 'i' }] } }, true],
    ['an undefined wish', { spec: { replicas: undefined } }, true],
    ['an empty wish that the server dropped', { spec: { resources: {}, tolerations: [] } }, true],
    ['another value', { spec: { replicas: 2 } }, false],
    ['another list item', { spec: { containers: [{ name: 'c', image: 'j' }] } }, false],
    ['a shorter list', { spec: { containers: [] } }, false],
    ['a missing field', { spec: { paused: true } }, false],
    ['another shape', { spec: { replicas: { min: 1 } } }, false],
  ])('%s', (_case, desired, expected) => {
    expect(covers(live, desired)).toBe(expected);
  });
});
