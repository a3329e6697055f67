import { stringify } from 'yaml';
import type { Output } from './flags.ts';
import type { Io } from './io.ts';
import type { Node } from './tree.ts';

type Row = readonly string[];

/** The tree as lines of text with aligned columns. Pure. */
export function renderTree(nodes: readonly Node[], nowMs: number): string[] {
  const rows: Row[] = [['NAME', 'READY', 'WEIGHT', 'ROLE', 'AGE', 'INFO'], ...nodes.flatMap((node) => rowsOf(node, nowMs, '', ''))];
  return aligned(rows);
}

function rowsOf(node: Node, nowMs: number, prefix: string, below: string): Row[] {
  const weight = node.weight === undefined ? '' : `${node.weight} %`;
  const own = [`${prefix}${node.kind}/${node.name}`, node.ready, weight, node.role ?? '', age(node.createdAt, nowMs), node.info];
  const last = node.children.length - 1;
  const children = node.children.flatMap((child, index) => rowsOf(child, nowMs, `${below}${index === last ? '└─ ' : '├─ '}`, `${below}${index === last ? '   ' : '│  '}`));
  return [own, ...children];
}

/** Columns of equal width, without trailing blanks. */
export function aligned(rows: readonly Row[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => lengthOf(row[column]))));
  return rows.map((row) => row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell))).join('  ').trimEnd());
}

/** Characters, not UTF-16 units. */
const lengthOf = (cell = ''): number => Array.from(cell).length;

/** As kubectl shows ages: 42s, 7m, 3h, 5d. */
export function age(createdAt: string | undefined, nowMs: number): string {
  if (createdAt === undefined) return '';
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(createdAt)) / 1_000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 2 * 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Prints a value as asked; true when it did, so that nothing else is to be printed. */
export function printed(io: Io, output: Output, value: unknown, names: readonly string[]): boolean {
  if (output === 'text') return false;
  if (output === 'name') for (const name of names) io.out(name);
  else io.out(output === 'json' ? JSON.stringify(value, undefined, 2) : stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd());
  return true;
}
