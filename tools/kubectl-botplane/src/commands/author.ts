import { EXIT as CLI_EXIT, isFolder, listBelow, readBelow, runCli } from '@botplane/cli';
import { botName, readBot } from '../cluster.ts';
import { CommandError, EXIT } from '../io.ts';
import type { ExitCode } from '../io.ts';
import { liveSpec } from '../spec-of.ts';
import type { Context } from './command.ts';

/** `lint -f FILE…`: what `botplane lint` says. */
export function lintCommand(context: Context): Promise<ExitCode> {
  const files = [...context.flags.files, ...context.words];
  if (files.length === 0) throw new CommandError('lint needs a file: -f bot.yaml (- is standard input)');
  return author(context, ['lint', ...files, ...(context.flags.strict ? ['--strict'] : []), ...json(context)]);
}

/** `test -f FILE…` or `test BOT [--revision R]`: the tests of a file, or of what serves now, in virtual time. */
export async function testCommand(context: Context): Promise<ExitCode> {
  const { files, name } = context.flags;
  const options = [...(name === undefined ? [] : ['--name', name]), ...json(context)];
  if (files.length > 0) return author(context, ['test', ...files, ...options]);
  const cluster = context.cluster();
  const { title, text } = await liveSpec(cluster, await readBot(cluster, botName(context.words[0])), context.flags.revision);
  context.io.err(title);
  return author(context, ['test', title, ...options], new Map([[title, text]]));
}

const json = ({ flags }: Context): string[] => (flags.output === 'json' ? ['--json'] : []);

async function author({ io }: Context, args: readonly string[], texts: ReadonlyMap<string, string> = new Map()): Promise<ExitCode> {
  const code = await runCli(args, {
    readFile: (path) => texts.get(path) ?? io.readFile(path),
    writeFile: () => undefined,
    isFolder: (path) => !texts.has(path) && isFolder(path),
    readBelow,
    listBelow,
    push: () => Promise.reject(new CommandError('use npx botplane bundle --push')),
    out: io.out,
    err: io.err,
    lines: async function* none() { /* Nobody types. */ },
    watch: () => () => undefined,
    stopped: () => Promise.resolve(),
  });
  if (code === CLI_EXIT.good) return EXIT.good;
  return code === CLI_EXIT.found ? EXIT.found : EXIT.usage;
}
