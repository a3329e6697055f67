import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
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
    alias: Object.fromEntries(['contracts', 'domain', 'kit', 'nats'].map((name) => [`@botplane/${name}`, `${root}../../libs/${name}/src/index.ts`])),
  });
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
