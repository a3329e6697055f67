/** One month of messages: a partition of the table. Months are UTC. */
export interface Month {
  /** e.g. `messages_y2026m11`; sorts by time. */
  table: string;
  from: Date;
  /** The first moment of the next month. */
  to: Date;
}

/** The month of a time. */
export function monthOf(time: Date): Month {
  return makeMonth(time.getUTCFullYear(), time.getUTCMonth());
}

/** Every month from one time to another, both included. */
export function monthsBetween(from: Date, to: Date): Month[] {
  const months = [monthOf(from)];
  for (let last = months[0]; last !== undefined && last.to <= to; last = months.at(-1)) months.push(monthOf(last.to));
  return months;
}

/** The month of a partition's name; undefined for any other table. */
export function monthOfTable(table: string): Month | undefined {
  const match = /^messages_y(\d{4})m(0[1-9]|1[0-2])$/.exec(table);
  return match === null ? undefined : makeMonth(Number(match[1]), Number(match[2]) - 1);
}

function makeMonth(year: number, month: number): Month {
  const from = new Date(Date.UTC(year, month, 1));
  return { table: `messages_y${String(year).padStart(4, '0')}m${String(month + 1).padStart(2, '0')}`, from, to: new Date(Date.UTC(year, month + 1, 1)) };
}
