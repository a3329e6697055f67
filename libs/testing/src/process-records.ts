import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that can be recognised later: a pid alone may be another process by then. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** Clock ticks after boot at which it started, as in /proc/<pid>/stat. */
  readonly startTime: string;
}

/** Time between two looks at ending processes, milliseconds. */
const POLL_MS = 50;

/** When the process started, or undefined when it is gone (or only waits to be reaped). */
export function startTimeOf(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in brackets may hold spaces, so count from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export function isAlive(record: ProcessRecord): boolean {
  const startTime = startTimeOf(record.pid);
  return startTime !== undefined && startTime === record.startTime;
}

/** Notes a process that was just started. */
export function writeRecord(folder: string, name: string, pid: number): void {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) return; // It ended already.
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeFileSync(`${path}.tmp`, JSON.stringify({ name, pid, startTime } satisfies ProcessRecord));
  renameSync(`${path}.tmp`, path);
}

export function removeRecord(folder: string, name: string): void {
  rmSync(join(folder, `${name}.json`), { force: true });
}

export function readRecords(folder: string): ProcessRecord[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch {
    return [];
  }
  return files.flatMap((file) => readOne(join(folder, file)));
}

function readOne(path: string): ProcessRecord[] {
  try {
    const { pid, startTime } = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessRecord>;
    // A signal to 0, 1 or a negative number would reach more than one process.
    if (!Number.isInteger(pid) || (pid ?? 0) <= 1 || typeof startTime !== 'string') return [];
    return [{ name: basename(path, '.json'), pid: pid ?? 0, startTime }];
  } catch {
    return []; // Damaged: nothing that could be ended safely.
  }
}

/** Ends what the records name and is still the same process: SIGTERM, then SIGKILL. Returns the names. */
export async function endRecorded(folder: string, graceMs: number): Promise<string[]> {
  const records = readRecords(folder);
  const alive = records.filter(isAlive);
  for (const record of alive) signal(record, 'SIGTERM');
  const endMs = Date.now() + graceMs;
  while (alive.some(isAlive) && Date.now() < endMs) await sleep(POLL_MS);
  for (const record of alive) if (isAlive(record)) signal(record, 'SIGKILL');
  while (alive.some(isAlive) && Date.now() < endMs + graceMs) await sleep(POLL_MS);
  for (const { name } of records) removeRecord(folder, name);
  return alive.map(({ name }) => name);
}

function signal(record: ProcessRecord, name: NodeJS.Signals): void {
  try {
    process.kill(record.pid, name);
  } catch {
    // It ended by itself.
  }
}
