import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolsCacheFolder } from '@botplane/bootstrap';
import { withFileLock } from '@botplane/bootstrap/file-lock';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';
import type { Browser } from 'playwright-core';

const PACKAGE = '@sparticuz/chromium';

const LAUNCHES_MAX = 4;

/** Starts Chromium without a window; the caller closes it. */
export async function startBrowser(): Promise<Browser> {
  // In one process Chromium ends with its first closed page.
  const args = chromium.args.filter((arg) => arg !== '--single-process' && arg !== '--no-zygote');
  const options = { executablePath: await unpackedChromium(), args: [...args, '--disable-background-networking'], headless: true };
  for (let launches = 1; ; launches++) {
    try {
      return await playwright.launch(options);
    } catch (error) {
      // One start in some dozens ends so: a thread of Chromium is in getenv while the main thread changes the environment.
      if (launches === LAUNCHES_MAX || !String(error).includes('signal=SIGSEGV')) throw error;
    }
  }
}

/** Chromium in the user's cache. Left to itself the package unpacks into the temporary folder, where test files that start at the same time may take a half for the whole. */
async function unpackedChromium(): Promise<string> {
  const folder = join(toolsCacheFolder(), 'chromium', chromiumVersion());
  await withFileLock(`${folder}.lock`, async () => {
    if (!existsSync(folder)) await unpackChromium(folder);
  });
  return join(folder, 'chromium');
}

/** In a process of its own, since the temporary folder is the process's. */
async function unpackChromium(folder: string): Promise<void> {
  const unfinished = `${folder}.tmp`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  const script = `import chromium from '${PACKAGE}'; await chromium.executablePath();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: import.meta.dirname, env: { ...process.env, TMPDIR: unfinished } });
  await rename(unfinished, folder); // Atomic: what has the name is whole.
}

function chromiumVersion(): string {
  const file = findPackageJSON(PACKAGE, import.meta.url);
  if (file === undefined) throw new Error(`package ${PACKAGE} is not installed`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
