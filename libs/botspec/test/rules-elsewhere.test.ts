import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

interface Elsewhere {
  rule: string;
  /** From the top of the repository. */
  file: string;
  /** Words of the test's name. */
  test: string;
}

const ROOT = new URL('../../../', import.meta.url);
const rows = parse(readFileSync(new URL('rules-elsewhere.yaml', import.meta.url), 'utf8')) as Elsewhere[];

it.each(rows)('[P1] $rule: has its test in $file', ({ file, test }) => {
  const names = readFileSync(new URL(file, ROOT), 'utf8').split('\n').filter((line) => /\bit(\.each.*)?\(|\]\)\(|^- title:/.test(line));
  expect(names.filter((line) => line.includes(test))).not.toEqual([]);
});
