import { expect, it } from 'vitest';
import { parseLogQuery, selectLines, showLine } from './log-query.ts';

const lines = ['2026-01-01T00:00:00.000Z one', '2026-01-01T00:00:10.000Z two', '2026-01-01T00:00:20.000Z three'];
const select = (query: string): string[] => {
  const parsed = parseLogQuery(new URLSearchParams(query), Date.parse('2026-01-01T00:00:25Z'));
  return selectLines(lines, parsed).map((line) => showLine(line, parsed).trimEnd());
};

it.each([
  ['', ['one', 'two', 'three']],
  ['tailLines=1', ['three']],
  ['tailLines=0', []],
  ['sinceSeconds=16', ['two', 'three']],
  ['sinceTime=2026-01-01T00:00:15Z', ['three']],
  ['tailLines=1&timestamps=true', ['2026-01-01T00:00:20.000Z three']],
])('kubectl logs with "%s" shows %j', (query, shown) => {
  expect(select(query)).toEqual(shown);
});
