import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { becomesTrue } from '@botplane/testing';

const START_MS_MAX = 20_000;

/** The operator as a process of its own, as in production. */
export class OperatorProcess {
  readonly log: Record<string, unknown>[] = [];
  private child: ChildProcess | undefined;
  private readonly main: string;
  private readonly env: Record<string, string>;

  constructor(main: string, env: Record<string, string>) {
    this.main = main;
    this.env = env;
  }

  /** Starts it; resolves once its controllers work. `extra` is added to the environment of this start. */
  async start(extra: Record<string, string> = {}): Promise<void> {
    const from = this.log.length;
    const child = this.launch(extra);
    const works = () => Promise.resolve(this.log.slice(from).some((line) => line['msg'] === 'operator works'));
    if (!(await becomesTrue(works, START_MS_MAX, () => child.exitCode !== null))) throw new Error(`operator did not start:\n${this.tail()}`);
  }

  /** Starts it and waits until it ends by itself; returns its exit code. */
  async runUntilExit(extra: Record<string, string>): Promise<number | null> {
    const [code] = (await once(this.launch(extra), 'exit')) as [number | null];
    return code;
  }

  get url(): string {
    const line = this.log.findLast((entry) => entry['msg'] === 'health server listens');
    return String(line?.['url']);
  }

  get exitCode(): number | null | undefined {
    return this.child?.exitCode;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  tail(lines = 30): string {
    return this.log.slice(-lines).map((line) => JSON.stringify(line)).join('\n');
  }

  private launch(extra: Record<string, string>): ChildProcess {
    const child = spawn(process.execPath, ['--enable-source-maps', this.main], { env: { ...this.env, ...extra }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.log.push(parse(line)));
    }
    return child;
  }
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { msg: line };
  }
}
