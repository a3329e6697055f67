import { parseArgs } from 'node:util';
import { bundleCommand } from './commands/bundle.ts';
import { compileCommand } from './commands/compile.ts';
import { lintCommand } from './commands/lint.ts';
import { playCommand } from './commands/play.ts';
import { schemaCommand } from './commands/schema.ts';
import { testCommand } from './commands/test.ts';
import { EXIT } from './io.ts';
import type { ExitCode, Io } from './io.ts';
import type { Options } from './options.ts';

type Command = (files: readonly string[], options: Options, io: Io) => ExitCode | Promise<ExitCode>;

const COMMANDS: { readonly [name: string]: Command } = { bundle: bundleCommand, lint: lintCommand, compile: compileCommand, test: testCommand, run: playCommand, schema: schemaCommand };

const USAGE = `botplane: BotSpecs without a cluster

  botplane lint FILE…              all mistakes at once, with line and remedy (--strict: warnings too; --json)
  botplane test FILE…              the tests: of each spec, in virtual time (--name TEXT: those whose name holds it; --json)
  botplane run FILE                talk to the bot in this terminal (--language de), or with --playground in the
                                   browser (--port 8080): it is read anew when the file changes
  botplane compile FILE --out DIR  bot.js, spec.json and rev.json, as the operator publishes them
  botplane bundle FILE             bot.yaml and the files it names in one tar (-o OUT; --push s3://BUCKET)
  botplane schema                  JSON Schema of a BotSpec for editors (--bot: of a whole Bot)

  botplane backup DIR, restore DIR NATS, PostgreSQL and objects of an install (docs/backup.md)

FILE is a Bot, a ConfigMap with a key botspec.yaml, or a BotSpec; - is standard input. A folder is a bundle: its bot.yaml is
read, and ./path in it is a file beside it.`;

/** Runs one command line; answers with its exit code. */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  const [name, ...rest] = args;
  // Of those who run an install, not of authors: loaded when it is needed.
  if (name === 'backup' || name === 'restore') return (await import('@botplane/backup')).runBackupCli(args, io);
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const wanted = name === undefined || ['help', '--help', '-h'].includes(name);
    if (!wanted) io.err(`botplane has no command “${name}”\n`);
    (wanted ? io.out : io.err)(USAGE);
    return wanted && name !== undefined ? EXIT.good : EXIT.usage;
  }
  try {
    const { values, positionals } = parseArgs({ args: rest, allowPositionals: true, options: { json: { type: 'boolean' }, strict: { type: 'boolean' }, bot: { type: 'boolean' }, out: { type: 'string', short: 'o' }, push: { type: 'string' }, name: { type: 'string' }, language: { type: 'string' }, playground: { type: 'boolean' }, port: { type: 'string' } } });
    return await command(positionals, { json: values.json ?? false, strict: values.strict ?? false, bot: values.bot ?? false, out: values.out, push: values.push, name: values.name, language: values.language, playground: values.playground ?? false, port: portOf(values.port) }, io);
  } catch (error) {
    io.err(`✗ ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.usage;
  }
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--port takes a number from 0 to 65535, not ${text}`);
  return port;
}
