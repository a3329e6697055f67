import { linePrinter } from '@botplane/kit/output';
import { runBackupCli } from './cli.ts';
import { leave } from './leave.ts';

leave(await runBackupCli(process.argv.slice(2), {
  out: linePrinter(),
  err: (line) => process.stderr.write(`${line}\n`),
}));
