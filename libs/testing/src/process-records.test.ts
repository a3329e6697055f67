import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endRecorded, isAlive, readRecords, startTimeOf, writeRecord } from './process-records.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'records-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('ends the process that was recorded and forgets it', async () => {
  const child = spawn('sleep', ['60']);
  const ended = once(child, 'exit');
  writeRecord(folder, 'sleeper', child.pid ?? 0);
  expect(await endRecorded(folder, 2_000)).toEqual(['sleeper']);
  expect((await ended)[1]).toBe('SIGTERM');
  expect(readRecords(folder)).toEqual([]);
});

it('leaves a process alone that merely has the pid of an earlier one', async () => {
  const child = spawn('sleep', ['60']);
  writeFileSync(join(folder, 'reused.json'), JSON.stringify({ pid: child.pid, startTime: '1' }));
  expect(await endRecorded(folder, 500)).toEqual([]);
  expect(startTimeOf(child.pid ?? 0)).toBeDefined();
  child.kill();
});

it.each([-1, 0, 1, 1.5, '7', null, undefined])('never signals for a record with the pid %s', async (pid) => {
  writeFileSync(join(folder, 'bad.json'), JSON.stringify({ pid, startTime: '5' }));
  writeFileSync(join(folder, 'worse.json'), JSON.stringify({ pid }));
  expect(readRecords(folder)).toEqual([]);
  expect(isAlive({ name: 'bad', pid: pid as number, startTime: undefined as unknown as string })).toBe(false);
});
