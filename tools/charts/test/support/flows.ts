import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './helm.ts';

/** One row of docs/flows.md, for one pair and one port. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  /** Condition of the row; empty: always. */
  readonly when: string;
}

/** The table of docs/flows.md; what stands separated by commas makes a row each. */
export function readFlows(): Flow[] {
  const lines = readFileSync(join(ROOT, 'docs/flows.md'), 'utf8').split('\n');
  const rows = lines.filter((line) => line.startsWith('| ') && !line.startsWith('| from')).map((line) => line.split('|').map((cell) => cell.trim()));
  return rows.flatMap(([, from = '', to = '', ports = '', when = '']) =>
    from.split(', ').flatMap((source) => to.split(', ').flatMap((target) => ports.split(', ').map((port) => ({ from: source, to: target, port: Number(port), when })))));
}
