import { runBackupCli } from './cli.ts';
import { leave } from './leave.ts';

leave(await runBackupCli(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
}));
