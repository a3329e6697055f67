import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LOG_FOLLOW_POLL_MS, LOG_LINES_SHOWN } from '../limits.ts';
import type { LocalPaths } from '../paths.ts';

/** Columns for the name before a line when several logs are shown. */
const LOG_NAME_WIDTH = 24;

/** Prints the end of one log or of all, and what comes after with `isFollowing`. */
export async function logs(paths: LocalPaths, name: string | undefined, isFollowing: boolean): Promise<void> {
  const all = readLogNames(paths.logs);
  if (name !== undefined && !all.includes(name)) {
    throw new Error(`no log is called "${name}"; there are: ${all.join(', ') || 'none yet'}`);
  }
  const names = name === undefined ? all : [name];
  const prefixOf = (log: string): string => (names.length > 1 ? log.padEnd(LOG_NAME_WIDTH) : '');
  const positions = new Map<string, number>();
  for (const log of names) {
    const text = readFileSync(join(paths.logs, `${log}.log`), 'utf8');
    print(text.trimEnd().split('\n').slice(-LOG_LINES_SHOWN), prefixOf(log));
    positions.set(log, Buffer.byteLength(text));
  }
  if (!isFollowing) return;
  while (true) {
    await new Promise((resolve) => setTimeout(resolve, LOG_FOLLOW_POLL_MS));
    for (const log of names) {
      const { lines, position } = readFrom(join(paths.logs, `${log}.log`), positions.get(log) ?? 0);
      positions.set(log, position);
      print(lines, prefixOf(log));
    }
  }
}

function readLogNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.log')).map((file) => basename(file, '.log')).sort();
  } catch {
    return [];
  }
}

/** Whole lines after `position`; a log that became shorter was rotated and is read from its start. */
function readFrom(path: string, position: number): { lines: string[]; position: number } {
  const { size } = statSync(path);
  const start = size < position ? 0 : position;
  if (size === start) return { lines: [], position: start };
  const buffer = Buffer.alloc(size - start);
  const file = openSync(path, 'r');
  const length = readSync(file, buffer, 0, buffer.length, start);
  closeSync(file);
  const end = buffer.subarray(0, length).lastIndexOf('\n');
  if (end < 0) return { lines: [], position: start };
  return { lines: buffer.subarray(0, end).toString().split('\n'), position: start + end + 1 };
}

function print(lines: readonly string[], prefix: string): void {
  for (const line of lines) if (line !== '') console.log(`${prefix}${line}`);
}
