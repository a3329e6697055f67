import { describe, expect, it } from 'vitest';
import { monthOf, monthOfTable, monthsBetween } from './month.ts';

describe('months', () => {
  it('[K6] begin and end in UTC, over the end of a year too', () => {
    expect(monthOf(new Date('2026-12-31T23:59:59.999Z'))).toEqual({ table: 'messages_y2026m12', from: new Date('2026-12-01T00:00:00Z'), to: new Date('2027-01-01T00:00:00Z') });
    expect(monthsBetween(new Date('2026-11-20T00:00:00Z'), new Date('2027-01-01T00:00:00Z')).map((month) => month.table)).toEqual(['messages_y2026m11', 'messages_y2026m12', 'messages_y2027m01']);
    expect(monthsBetween(new Date('2026-11-20T00:00:00Z'), new Date('2026-11-21T00:00:00Z'))).toHaveLength(1);
  });

  it('are known by the name of their table', () => {
    const month = monthOf(new Date('2026-02-10T00:00:00Z'));
    expect(monthOfTable(month.table)).toEqual(month);
    expect(['messages', 'messages_y2026m13', 'messages_y2026m1', 'audit_log'].map(monthOfTable)).toEqual([undefined, undefined, undefined, undefined]);
  });
});
