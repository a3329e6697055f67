import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { becomesTrue } from './checks.ts';
import { LOG_TAIL_BYTES, READY_TIMEOUT_MS, STOP_GRACE_MS } from './limits.ts';
import type { ProcessRecipe } from './recipe.ts';
import { spawnBound } from './spawn-bound.ts';

/** What a caller may want to know about the life of a server process. */
export interface ServerEvents {
  started?(pid: number): void;
  /** Also after `stop` and `kill`. */
  exited?(outcome: string): void;
}

/** One server from a recipe: started until ready, stopped, killed, started again with the same data. */
export class ServerProcess {
  private child: ChildProcess | undefined;
  private exited: Promise<void> = Promise.resolve();
  private readonly recipe: ProcessRecipe;
  private readonly logFile: string;
  private readonly events: ServerEvents;
  private extraEnv: Readonly<Record<string, string>> = {};

  constructor(recipe: ProcessRecipe, logFile: string, events: ServerEvents = {}) {
    this.recipe = recipe;
    this.logFile = logFile;
    this.events = events;
  }

  get pid(): number | undefined {
    return this.isRunning ? this.child?.pid : undefined;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Environment variables over the recipe's, for this and every later start until they are set again. */
  setExtraEnv(env: Readonly<Record<string, string>>): void {
    this.extraEnv = env;
  }

  /** Resolves when the server is ready. Throws with the end of its log when it ends or stays unready. */
  async start(timeoutMs = READY_TIMEOUT_MS): Promise<void> {
    if (this.isRunning) return;
    await this.recipe.prepare?.();
    this.spawn();
    const isReady = await becomesTrue(this.recipe.ready, timeoutMs, () => !this.isRunning);
    if (isReady && this.isRunning) return;
    const outcome = this.isRunning ? `not ready after ${timeoutMs / 1000} s` : 'ended before it was ready';
    await this.kill();
    throw new Error(`${this.recipe.name}: ${outcome}\n${this.logTail()}`);
  }

  /** Asks the server to end and kills it after `graceMs`. */
  async stop(graceMs = STOP_GRACE_MS): Promise<void> {
    if (!this.isRunning) return;
    this.child?.kill(this.recipe.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => this.child?.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** SIGKILL, as in a crash. */
  async kill(): Promise<void> {
    if (this.isRunning) this.child?.kill('SIGKILL');
    await this.exited;
  }

  /** SIGSTOP: it stays connected and says nothing until `thaw`. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** The last lines that the server wrote. */
  logTail(): string {
    try {
      return readFileSync(this.logFile, 'utf8').slice(-LOG_TAIL_BYTES);
    } catch {
      return '';
    }
  }

  private spawn(): void {
    mkdirSync(dirname(this.logFile), { recursive: true });
    const log = openSync(this.logFile, 'a');
    const child = spawnBound({ ...this.recipe, env: { ...this.recipe.env, ...this.extraEnv } }, ['ignore', log, log]);
    closeSync(log);
    this.child = child;
    this.exited = new Promise((resolve) => {
      const end = (outcome: string): void => {
        resolve();
        this.events.exited?.(outcome);
      };
      child.once('exit', (code, signal) => end(signal ? `ended by ${signal}` : `ended with code ${code}`));
      child.once('error', (error) => end(error.message));
    });
    if (child.pid !== undefined) this.events.started?.(child.pid);
  }
}
