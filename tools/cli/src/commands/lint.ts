import { EXIT } from '../io.ts';
import type { ExitCode, Io } from '../io.ts';
import { findSpecs } from '../load.ts';
import type { Options } from '../options.ts';
import { counted, findingLine } from '../report.ts';

/** `botplane lint FILE…`: every finding of every spec. */
export function lintCommand(files: readonly string[], options: Options, io: Io): ExitCode {
  if (files.length === 0) throw new Error('lint needs a file');
  let errors = 0;
  let warnings = 0;
  const report = files.map((path) => findSpecs(path, io)).flatMap(({ file, found: specs }) =>
    specs.map(({ title, result }) => {
      const found = { file, title, errors: result.ok ? [] : result.errors, warnings: result.warnings };
      errors += found.errors.length;
      warnings += found.warnings.length;
      return found;
    }),
  );
  if (options.json) io.out(JSON.stringify(report, null, 2));
  else {
    for (const found of report) {
      for (const error of found.errors) io.out(findingLine(found.file, 'error', error));
      for (const warning of found.warnings) io.out(findingLine(found.file, 'warning', warning));
    }
    io.out(errors + warnings === 0 ? `✓ ${counted(report.length, 'spec')}, nothing to mend` : `${errors === 0 ? '✓' : '✗'} ${counted(report.length, 'spec')}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`);
  }
  return errors > 0 || (options.strict && warnings > 0) ? EXIT.found : EXIT.good;
}
