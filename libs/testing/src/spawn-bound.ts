import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { ProcessRecipe, RunAs } from './recipe.ts';

/** What of the recipe concerns the start of its process. */
export type Launch = Pick<ProcessRecipe, 'command' | 'args' | 'env' | 'cwd' | 'runAs'>;

const bound = new Set<ChildProcess>();
let exitHooked = false;

/**
 * Starts a process that does not outlive this one: the kernel kills it when this process dies, however it
 * dies (`setpriv --pdeathsig`, on every Linux with util-linux), and an exit hook does where setpriv is missing.
 */
export function spawnBound(launch: Launch, stdio: StdioOptions): ChildProcess {
  const command = boundCommand(launch);
  const child = spawn(command.file, command.args, {
    stdio,
    env: { ...baseEnv(), ...launch.env },
    ...(launch.cwd === undefined ? {} : { cwd: launch.cwd }),
    ...command.credentials,
  });
  bound.add(child);
  child.once('exit', () => bound.delete(child));
  child.once('error', () => bound.delete(child));
  hookExit();
  return child;
}

/** The few variables that every process gets; secrets of this process are not handed on. */
export function baseEnv(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'XDG_CACHE_HOME']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

interface BoundCommand {
  readonly file: string;
  readonly args: string[];
  readonly credentials: { uid?: number; gid?: number };
}

function boundCommand({ command, args, runAs }: Launch): BoundCommand {
  if (hasSetpriv()) {
    const flags = ['--pdeathsig', 'KILL', ...(runAs ? userFlags(runAs) : [])];
    return { file: 'setpriv', args: [...flags, '--', command, ...args], credentials: {} };
  }
  return { file: command, args: [...args], credentials: runAs ? { uid: runAs.uid, gid: runAs.gid } : {} };
}

function userFlags({ uid, gid, keepFileAccess }: RunAs): string[] {
  const user = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  return keepFileAccess ? [...user, '--inh-caps=+dac_override', '--ambient-caps=+dac_override'] : user;
}

let setprivMemo: boolean | undefined;
function hasSetpriv(): boolean {
  setprivMemo ??=
    process.platform === 'linux' &&
    spawnSync('setpriv', ['--pdeathsig', 'KILL', '--', 'true'], { stdio: 'ignore' }).status === 0;
  return setprivMemo;
}

function hookExit(): void {
  if (exitHooked) return;
  exitHooked = true;
  process.on('exit', () => {
    for (const child of bound) child.kill('SIGKILL');
  });
}
