import { describe, expect, it } from 'vitest';
import { rehearse } from '../engine/rehearse.ts';
import { rehearsal } from './rehearsal.ts';

describe('the rehearsal', () => {
  it('is understood by the engine from its first act to its last', () => {
    const { program, acts } = rehearsal();
    expect(rehearse({ program, acts })).toEqual(acts.map(() => ({ kind: 'handled' })));
  });
});
