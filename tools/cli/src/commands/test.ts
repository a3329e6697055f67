import { runTests } from '@botplane/botspec';
import { EXIT } from '../io.ts';
import type { ExitCode, Io } from '../io.ts';
import type { Options } from '../options.ts';
import { loadSpecs } from '../load.ts';

/** `botplane test FILE…`: runs `tests:` and ends with "N passed, N failed". */
export function testCommand(files: readonly string[], options: Options, io: Io): ExitCode {
  if (files.length === 0) throw new Error('test needs a file');
  const results: { file: string; spec: string; name: string; ok: boolean; path?: string; problem?: string }[] = [];
  for (const file of files) {
    const specs = loadSpecs(file, io);
    if (!specs) return EXIT.found;
    for (const { title, spec, program } of specs) {
      const tests = (spec.tests ?? []).filter(({ name }) => options.name === undefined || name.includes(options.name));
      for (const result of runTests({ ...spec, tests }, program)) results.push({ file, spec: title, ...result });
    }
  }
  if (options.json) io.out(JSON.stringify(results, null, 2));
  else report(results, io);
  return results.every(({ ok }) => ok) ? EXIT.good : EXIT.found;
}

function report(results: readonly { spec: string; name: string; ok: boolean; path?: string; problem?: string }[], io: Io): void {
  for (const { spec, name, ok, path, problem } of results) {
    io.out(`${ok ? '✓' : '✗'} ${spec}: ${name}`);
    if (!ok) io.out(`    ${path ?? ''}: ${problem ?? ''}`);
  }
  const failed = results.filter(({ ok }) => !ok).length;
  io.out(`${results.length - failed} passed, ${failed} failed`);
}
