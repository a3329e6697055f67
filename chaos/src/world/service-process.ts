import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAILPOINT_MARK } from '@botplane/kit';
import { ServerProcess, becomesTrue, httpAnswers } from '@botplane/testing';
import { READY_MS_MAX, RESTART_MS, WAIT_POLL_MS } from '../limits.ts';

export interface ServiceOptions {
  name: string;
  /** Built entry point. */
  entry: string;
  env: Readonly<Record<string, string>>;
  /** Loopback address that it listens on. Default 127.0.0.1. */
  host?: string;
  port: number;
  nodeArgs?: readonly string[];
  logFile: string;
  /** Environment of the next start, over `env`; called before each start. */
  nextEnv?: () => Readonly<Record<string, string>>;
  /** Called when it ends without having been asked to. */
  onEnd?: () => void;
}

/** One end of a process that nobody asked to end gracefully. */
export interface Ended {
  atMs: number;
  /** Set when a failpoint ended it. */
  failpoint: string | undefined;
}

/** A built service as a child process with a supervisor that starts it again, on the same port, whenever it dies. */
export class ServiceProcess {
  readonly url: string;
  readonly ends: Ended[] = [];
  private readonly server: ServerProcess;
  private readonly options: ServiceOptions;
  private wanted = false;
  private isReadyNow = false;
  private logRead: number;
  private supervision: Promise<void> = Promise.resolve();

  constructor(options: ServiceOptions) {
    const { name, entry, env, host = '127.0.0.1', port, nodeArgs = [], logFile } = options;
    this.options = options;
    this.url = `http://${host}:${port}`;
    // An earlier process of the same name may have written there.
    this.logRead = existsSync(logFile) ? statSync(logFile).size : 0;
    const recipe = {
      name, command: process.execPath, args: [...nodeArgs, entry],
      env: { HOST: host, PORT: String(port), LOG_LEVEL: 'warn', NODE_ENV: 'production', ...env },
      ready: () => httpAnswers(`${this.url}/readyz`),
    };
    this.server = new ServerProcess(recipe, logFile, { exited: () => this.onExit() });
  }

  get name(): string {
    return this.options.name;
  }

  /** Started, ready, and not killed since. */
  get isReady(): boolean {
    return this.isReadyNow;
  }

  async start(): Promise<void> {
    this.wanted = true;
    await this.startOnce();
  }

  /** Asks it to end, as a rollout does, and does not start it again. */
  async stop(): Promise<void> {
    this.wanted = false;
    this.isReadyNow = false;
    this.signal('SIGCONT');
    await this.server.stop();
    await this.supervision;
  }

  /** SIGKILL; the supervisor starts it again. */
  async kill(): Promise<void> {
    await this.server.kill();
  }

  /** SIGSTOP for so long. */
  async pause(ms: number): Promise<void> {
    this.signal('SIGSTOP');
    try {
      await sleep(ms);
    } finally {
      this.signal('SIGCONT');
    }
  }

  async untilReady(): Promise<void> {
    if (!(await becomesTrue(async () => this.isReadyNow, READY_MS_MAX))) throw new Error(`${this.name} is not ready\n${this.server.logTail()}`);
  }

  /** Value of a gauge without labels; 0 when the process does not answer. */
  async gauge(name: string): Promise<number> {
    try {
      const response = await fetch(`${this.url}/metrics`, { signal: AbortSignal.timeout(2_000) });
      const match = new RegExp(`^${name} (\\S+)$`, 'm').exec(await response.text());
      return Number(match?.[1] ?? 0);
    } catch {
      return 0;
    }
  }

  private signal(name: NodeJS.Signals): void {
    const { pid } = this.server;
    if (pid !== undefined && pid > 1) process.kill(pid, name);
  }

  private async startOnce(): Promise<void> {
    this.server.setExtraEnv(this.options.nextEnv?.() ?? {});
    await this.server.start(READY_MS_MAX);
    this.isReadyNow = true;
  }

  private onExit(): void {
    const wasReady = this.isReadyNow;
    this.isReadyNow = false;
    if (!this.wanted) return;
    this.ends.push({ atMs: Date.now(), failpoint: this.readFailpoint() });
    this.options.onEnd?.();
    // A start that is under way sees the end by itself and is repeated below.
    if (wasReady) this.supervision = this.bringBack();
  }

  private async bringBack(): Promise<void> {
    while (this.wanted) {
      await sleep(RESTART_MS);
      if (!this.wanted) return;
      try {
        return await this.startOnce();
      } catch {
        await sleep(WAIT_POLL_MS);
      }
    }
  }

  /** The failpoint that the log has named since the last look. */
  private readFailpoint(): string | undefined {
    const { logFile } = this.options;
    if (!existsSync(logFile)) return undefined;
    const bytes = Buffer.alloc(Math.max(0, statSync(logFile).size - this.logRead));
    const file = openSync(logFile, 'r');
    readSync(file, bytes, 0, bytes.length, this.logRead);
    closeSync(file);
    this.logRead += bytes.length;
    const text = bytes.toString('utf8');
    const at = text.lastIndexOf(FAILPOINT_MARK);
    return at < 0 ? undefined : text.slice(at + FAILPOINT_MARK.length).split('\n', 1)[0];
  }
}
