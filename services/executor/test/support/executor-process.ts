import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Beside the built files, so that paths relative to a source folder of the same depth hold. */
const bundle = `${root}dist/executor.test-bundle.mjs`;

/** Builds what a killed and restarted executor runs, from the sources. */
export async function bundleExecutor(): Promise<void> {
  await build({
    entryPoints: [`${root}src/main.ts`], outfile: bundle, bundle: true, platform: 'node', format: 'esm', target: 'node24',
    packages: 'external', conditions: ['@botplane/source'], logLevel: 'error',
    alias: Object.fromEntries(['contracts', 'domain', 'kit', 'nats'].flatMap(sourcesOf)),
  });
}

/** What a package of this repository exports, and the source file of each. */
function sourcesOf(name: string): [specifier: string, file: string][] {
  const folder = `${root}../../libs/${name}`;
  const { exports } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { exports: Record<string, { '@botplane/source': string }> };
  return Object.entries(exports).map(([subpath, { '@botplane/source': source }]) => [`@botplane/${name}${subpath.slice(1)}`, `${folder}/${source}`]);
}

/** An executor as a process of its own, to be killed. */
export class ExecutorProcess {
  private child: ChildProcess | undefined;

  constructor(private readonly env: { [name: string]: string }) {}

  start(): void {
    this.child = spawn(process.execPath, [bundle], { env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'warn', ...this.env }, stdio: ['ignore', 'ignore', 'inherit'] });
  }

  signal(name: NodeJS.Signals): void {
    this.child?.kill(name);
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    const { child } = this;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  /** SIGKILL by default; resolves when it is gone. */
  async end(name: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(name);
    const [code] = (await exited) as [number | null];
    return code;
  }
}
