import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const OUTPUT = new URL('../src/output.ts', import.meta.url).href;

it('[C6] a program whose reader has had enough ends without a word, as a shell expects', async () => {
  const script = `import { linePrinter } from '${OUTPUT}'; const print = linePrinter(); setInterval(() => print('more'), 1);`;
  const program = spawn(process.execPath, ['--input-type=module', '--eval', script]);
  const words = text(program.stderr);
  const ended = once(program, 'exit');
  await once(program.stdout, 'data');
  program.stdout.destroy();
  expect([await ended, await words]).toEqual([[141, null], '']);
});
