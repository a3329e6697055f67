import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { becomesTrue } from '@botplane/testing';

const START_MS_MAX = 20_000;

/** The operator as a process of its own; one that ends by itself is started again, as a kubelet would. */
export class OperatorProcess {
  readonly log: Record<string, unknown>[] = [];
  /** Codes of the processes that ended by themselves. */
  readonly exits: (number | null)[] = [];
  /** What each of these said last. */
  readonly lastWords: string[] = [];
  private child: ChildProcess | undefined;
  private stopping = false;
  private readonly main: string;
  private readonly env: Record<string, string>;

  constructor(main: string, env: Record<string, string>) {
    this.main = main;
    this.env = env;
  }

  /** Starts it; resolves once its controllers work. `extra` is added to the environment of this start. */
  async start(extra: Record<string, string> = {}): Promise<void> {
    const from = this.log.length;
    this.keepRunning(extra);
    await this.untilLogged('operator works', from);
  }

  /** Starts it; resolves once it could lead at any time. */
  async startStandby(): Promise<void> {
    const from = this.log.length;
    this.keepRunning({});
    await this.untilLogged('caches are filled', from);
  }

  /** Waits for a line of its log; fails when the process ends before. */
  async untilLogged(message: string, from = 0, ms = START_MS_MAX): Promise<void> {
    const isLogged = () => Promise.resolve(this.log.slice(from).some((line) => line['msg'] === message));
    const exits = this.exits.length;
    if (!(await becomesTrue(isLogged, ms, () => this.exits.length > exits))) throw new Error(`operator did not say "${message}":\n${this.tail()}`);
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Stops its process as a debugger would, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal);
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

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  tail(lines = 30): string {
    return this.log.slice(-lines).map((line) => JSON.stringify(line)).join('\n');
  }

  private keepRunning(extra: Record<string, string>): void {
    this.stopping = false;
    this.launch(extra).once('exit', (code) => {
      if (this.stopping) return;
      this.exits.push(code);
      this.lastWords.push(this.tail(5));
      this.keepRunning(extra);
    });
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
