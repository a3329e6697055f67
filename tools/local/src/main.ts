import { parseArgs } from 'node:util';
import { down } from './commands/down.ts';
import { logs } from './commands/logs.ts';
import { status } from './commands/status.ts';
import { up } from './commands/up.ts';
import { localPaths } from './paths.ts';
import { ControlClient, isNobodyThere } from './supervisor/control-client.ts';

const USAGE = 'usage: local up | down | status | logs [NAME] [-f] | start NAME | stop NAME | restart NAME [--env NAME=VALUE …]';

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { follow: { type: 'boolean', short: 'f' }, env: { type: 'string', multiple: true, default: [] } } });
  const [command, name] = positionals;
  const paths = localPaths();
  switch (command) {
    case 'up':
      return up(paths);
    case 'down':
      return down(paths);
    case 'status':
      if (!(await status(paths))) process.exitCode = 1;
      return;
    case 'logs':
      return logs(paths, name, values.follow ?? false);
    case 'start':
    case 'stop':
    case 'restart':
      if (name === undefined) throw new Error(USAGE);
      return control(command, name, Object.fromEntries(values.env.map(splitAssignment)));
    default:
      throw new Error(USAGE);
  }
}

function splitAssignment(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new Error(`--env ${text}: write it as NAME=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

async function control(action: 'start' | 'stop' | 'restart', name: string, env: Record<string, string>): Promise<void> {
  try {
    await new ControlClient(localPaths().socket).control(name, action, env);
  } catch (error) {
    throw isNobodyThere(error) ? new Error('nothing is running: run `make up`') : error;
  }
  console.log(`${name}: ${action === 'stop' ? 'stopped' : 'ready'}`);
}

try {
  await main();
} catch (error) {
  console.error(`\n✗ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
