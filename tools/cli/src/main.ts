import { mkdirSync, readFileSync, unwatchFile, watchFile, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { leave } from '@botplane/backup/leave';
import { linePrinter } from '@botplane/kit/output';
import { isFolder, listBelow, readBelow } from './adapters/folders.ts';
import { runCli } from './cli.ts';

/** How often a file is looked at; editors replace files, which finer means of watching lose. */
const WATCH_MS = 300;

leave(await runCli(process.argv.slice(2), {
  // `-` is standard input, as everywhere.
  readFile: (path) => readFileSync(path === '-' ? 0 : path, 'utf8'),
  isFolder,
  readBelow,
  listBelow,
  // Loaded when it is needed: most commands start without it.
  push: async (...object) => (await import('./adapters/push.ts')).push(...object),
  writeFile: (path, content) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  },
  out: linePrinter(),
  err: (line) => process.stderr.write(`${line}\n`),
  watch: (path, onChange) => {
    const listener = (now: { mtimeMs: number }, before: { mtimeMs: number }): void => { if (now.mtimeMs !== before.mtimeMs && now.mtimeMs !== 0) onChange(); };
    watchFile(path, { interval: WATCH_MS }, listener);
    return () => unwatchFile(path, listener);
  },
  stopped: () => new Promise((resolve) => { for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve()); }),
  lines: () => createInterface({ input: process.stdin, terminal: process.stdin.isTTY }),
}));
