import { describe, expect, it } from 'vitest';
import { describeFigure } from './figures.ts';

describe('describeFigure', () => {
  it('takes the median of the rounds and tells how far they lie apart', () => {
    const { row, spread, isMet } = describeFigure({ kind: 'ratio', figure: 'f', ours: [70, 90, 80], reference: [100, 100, 100], goal: { min: 0.8 } }, 0.1);
    expect({ row, isMet }).toEqual({ row: 'ours=80 reference=100 ratio=0.8 goal>=0.8 ok', isMet: true });
    expect(spread).toBe('ours 70–90, reference 100–100, ratio 0.7–0.9');
  });

  it('says that a goal was missed', () => {
    expect(describeFigure({ kind: 'absolute', figure: 'f', values: [12.34], unit: 'ms', limit: { max: 10 } }, 0.1)).toMatchObject({ row: 'abs=12.34ms limit<=10ms short', isMet: false });
    expect(describeFigure({ kind: 'absolute', figure: 'f', values: [28], unit: '/s', limit: { min: 28.5 } }, 0.1)).toMatchObject({ row: 'abs=28/s limit>=28.5/s short', isMet: false });
  });

  it('says when other processes had too much of the machine in a round that counts', () => {
    const figure = { kind: 'ratio', figure: 'f', ours: [1], reference: [1], goal: { max: 2 } } as const;
    expect(describeFigure({ ...figure, foreignShare: 0.1 }, 0.1).row).toBe('ours=1 reference=1 ratio=1 goal<=2 ok');
    expect(describeFigure({ ...figure, foreignShare: 0.234 }, 0.1).row).toBe('ours=1 reference=1 ratio=1 foreign_cpu=23% goal<=2 ok');
  });
});
