import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ServerProcess, removeRecord, writeRecord } from '@botplane/testing';
import type { ChildDefinition } from '../environment/children.ts';
import {
  CHILD_READY_TIMEOUT_MS,
  CHILD_STOP_GRACE_MS,
  LOG_FILE_BYTES_MAX,
  RESTART_DELAY_MS,
  RESTART_DELAY_MS_MAX,
  RESTART_RESET_MS,
} from '../limits.ts';
import type { ChildState, ChildStatus } from './status.ts';

export interface ChildFolders {
  readonly logs: string;
  readonly run: string;
}

/** Keeps one child running as long as it is wanted: starts it again, with growing pauses, when it ends. */
export class ChildRunner {
  readonly definition: ChildDefinition;
  private state: ChildState = 'waiting';
  private isWanted = false;
  private restarts = 0;
  private delayMs = RESTART_DELAY_MS;
  private startedAtMs: number | undefined;
  private lastError: string | undefined;
  private fingerprint: string | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private readonly server: ServerProcess;
  private readonly log: (message: string) => void;
  private readonly logFile: string;

  constructor(definition: ChildDefinition, folders: ChildFolders, log: (message: string) => void) {
    this.definition = definition;
    this.log = (message) => log(`${definition.name}: ${message}`);
    this.logFile = join(folders.logs, `${definition.name}.log`);
    this.server = new ServerProcess(definition.recipe, this.logFile, {
      started: (pid) => writeRecord(folders.run, definition.name, pid),
      exited: (outcome) => {
        removeRecord(folders.run, definition.name);
        this.handleExit(outcome);
      },
    });
  }

  /** Resolves when the child is ready. Throws when this start failed; it is then tried again in the background. */
  async start(): Promise<void> {
    this.isWanted = true;
    clearTimeout(this.retryTimer);
    this.state = 'starting';
    this.rotateLog();
    this.fingerprint = this.definition.fingerprint?.();
    try {
      this.startedAtMs = Date.now();
      await this.server.start(CHILD_READY_TIMEOUT_MS);
      this.state = 'ready';
      this.lastError = undefined;
    } catch (error) {
      this.lastError = error instanceof Error ? error.message : String(error);
      if (this.isWanted) this.retryLater();
      throw error;
    }
  }

  /** Variables over the child's own environment from its next start on, e.g. failpoints of a test. */
  setExtraEnv(env: Readonly<Record<string, string>>): void {
    this.server.setExtraEnv(env);
  }

  async stop(): Promise<void> {
    this.isWanted = false;
    clearTimeout(this.retryTimer);
    this.state = 'stopping';
    await this.server.stop(CHILD_STOP_GRACE_MS);
    this.state = 'stopped';
    this.delayMs = RESTART_DELAY_MS; // A person who stops it starts the count of its failures anew.
  }

  /** Whether the files it was started from were built anew. */
  get isOutdated(): boolean {
    return this.server.isRunning && this.fingerprint !== this.definition.fingerprint?.();
  }

  /** A running child is asked now whether it is ready. */
  async status(): Promise<ChildStatus> {
    const isReady = this.state === 'ready' && (await this.definition.recipe.ready().catch(() => false));
    const { pid } = this.server;
    return {
      name: this.definition.name,
      state: this.state === 'ready' && !isReady ? 'unready' : this.state,
      url: this.definition.url,
      restarts: this.restarts,
      ...(pid === undefined ? {} : { pid, startedAtMs: this.startedAtMs ?? 0 }),
      ...(this.lastError === undefined ? {} : { lastError: this.lastError }),
    };
  }

  private handleExit(outcome: string): void {
    // A start in progress reports its own failure; a stop is what was asked for.
    if (!this.isWanted || this.state === 'starting') return;
    this.lastError = outcome;
    this.retryLater();
  }

  private retryLater(): void {
    if (Date.now() - (this.startedAtMs ?? 0) > RESTART_RESET_MS) this.delayMs = RESTART_DELAY_MS;
    this.log(`${this.lastError?.split('\n')[0] ?? 'ended'}; next start in ${this.delayMs} ms`);
    this.state = 'restarting';
    this.restarts += 1;
    this.retryTimer = setTimeout(() => void this.start().catch(() => undefined), this.delayMs);
    this.delayMs = Math.min(this.delayMs * 2, RESTART_DELAY_MS_MAX);
  }

  private rotateLog(): void {
    if (existsSync(this.logFile) && statSync(this.logFile).size > LOG_FILE_BYTES_MAX) {
      renameSync(this.logFile, `${this.logFile}.1`);
    }
  }
}
