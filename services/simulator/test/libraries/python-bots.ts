import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LibraryBots } from './library-bots.ts';

/** Requirements as PyPI names them; the cache has a folder for each version. */
export const AIOGRAM = { requirement: 'aiogram==3.31.0', script: 'aiogram_bots.py' } as const;
export const PYTHON_TELEGRAM_BOT = { requirement: 'python-telegram-bot[webhooks]==22.8', script: 'ptb_bots.py' } as const;
export type PythonLibrary = typeof AIOGRAM | typeof PYTHON_TELEGRAM_BOT;

const INSTALL_MS_MAX = 240_000;
/** Far above what is usual (2 s): loading aiogram takes a while on a busy machine. */
const READY_MS_MAX = 120_000;

/** Whether this machine has a Python with pip; the project itself needs none. */
export const hasPython = (): boolean => spawnSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0;

/** Installs a library once per version into the user's cache and gives its folder. */
export async function installLibrary({ requirement }: PythonLibrary): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'botplane', 'python');
  const folder = join(cache, requirement.replaceAll(/[^\w.]+/g, '-'));
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const half = await mkdtemp(join(cache, 'installing-'));
  try {
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', half, requirement];
    await promisify(execFile)('python3', args, { timeout: INSTALL_MS_MAX });
    // A folder that is there is complete; if another run was faster, its folder stays.
    await rename(half, folder).catch((error: NodeJS.ErrnoException) => { if (!existsSync(folder)) throw error; });
  } catch (error) {
    throw new Error(`${requirement} could not be installed from PyPI; check the network, or fill ${folder} with: pip install --target ${folder} '${requirement}'`, { cause: error });
  } finally {
    await rm(half, { recursive: true, force: true });
  }
  return folder;
}

/** Starts the library's bots in a process of their own; resolves when all of them listen. */
export async function startPythonBots(library: PythonLibrary, bots: LibraryBots): Promise<() => Promise<void>> {
  const folder = await installLibrary(library);
  const script = fileURLToPath(new URL(library.script, import.meta.url));
  const child = spawn('python3', [script, JSON.stringify(bots)], { env: { PATH: process.env['PATH'], PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  const errors: string[] = [];
  child.stderr.on('data', (part: Buffer) => errors.push(part.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${library.script} is not ready after ${READY_MS_MAX} ms: ${errors.join('')}`)), READY_MS_MAX);
    createInterface(child.stdout).on('line', (line) => { if (line === 'ready') { clearTimeout(timer); resolve(); } });
    void ended.then(() => { clearTimeout(timer); reject(new Error(`${library.script} ended: ${errors.join('')}`)); });
  });
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
}
