import { readFileSync } from 'node:fs';
import { linePrinter } from '@botplane/kit/output';
import { loadConfig } from './config.ts';
import { runPlugin } from './plugin.ts';

const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());

process.exitCode = await runPlugin(process.argv.slice(2), loadConfig(), {
  // `-` is standard input, as everywhere.
  readFile: (path) => readFileSync(path === '-' ? 0 : path, 'utf8'),
  out: linePrinter(),
  err: (line) => process.stderr.write(`${line}\n`),
  isTerminal: process.stdout.isTTY,
  interrupted: interruption.signal,
});
