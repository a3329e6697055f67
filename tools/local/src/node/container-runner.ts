import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { spawnBound, type Launch, removeRecord, writeRecord } from '@botplane/testing';
import { MissingConfigError } from './config-source.ts';
import type { ContainerLog } from './container-log.ts';
import { CONFIG_RETRY_MS, CONTAINER_BACKOFF_MS, CONTAINER_BACKOFF_MS_MAX, CONTAINER_BACKOFF_RESET_MS } from './limits.ts';
import { ProbeRunner } from './probe-runner.ts';
import { probeOnce } from './probes.ts';
import type { Container, Probe } from './pod-types.ts';

/** The life of a container, as the pod's status tells it. */
export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running'; readonly startedAtMs: number }
  | {
      readonly kind: 'terminated';
      readonly exitCode: number;
      readonly signal?: string;
      readonly startedAtMs: number;
      readonly finishedAtMs: number;
    };

/** Why a container waits whose node was stopped while it ran. */
export const NODE_STOPPED = 'NodeStopped';

export type Terminated = Extract<ContainerState, { kind: 'terminated' }>;
export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export interface ContainerRunnerOptions {
  readonly container: Container;
  readonly restartPolicy: RestartPolicy;
  readonly address: string;
  readonly log: ContainerLog;
  /** Folder and name of the record of the running process. */
  readonly record: { readonly folder: string; readonly name: string };
  /** Restarts before this run of the node. */
  readonly restarts: number;
  /** Reads env, Secrets and volumes anew for every start. */
  readonly prepare: () => Promise<Launch>;
  readonly onChange: () => void;
  readonly onEvent: (type: 'Normal' | 'Warning', reason: string, note: string) => void;
}

/** Keeps one container's process as the restart policy wants it, and asks its probes. */
export class ContainerRunner {
  state: ContainerState = { kind: 'waiting', reason: 'ContainerCreating' };
  lastTermination: Terminated | undefined;
  restarts: number;
  isReady = false;
  /** The startup probe has passed (or there is none). */
  isStarted = false;
  private readonly options: ContainerRunnerOptions;
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();
  private probes: ProbeRunner[] = [];
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;
  private backoffMs = 0;

  constructor(options: ContainerRunnerOptions) {
    this.options = options;
    this.restarts = options.restarts;
  }

  get container(): Container {
    return this.options.container;
  }

  get log(): ContainerLog {
    return this.options.log;
  }

  /** Starts the process; what is missing is looked for again later. */
  async start(): Promise<void> {
    if (this.isStopping) return;
    try {
      const launch = await this.options.prepare();
      if (!this.isStopping) this.spawn(launch);
    } catch (error) {
      this.waitForConfig(error);
    }
  }

  /** Like `stop`, but the container goes on with the next start of the node. */
  async suspend(graceMs: number): Promise<void> {
    const wasRunning = this.child !== undefined;
    await this.stop(graceMs);
    if (wasRunning) this.state = { kind: 'waiting', reason: NODE_STOPPED };
  }

  /** SIGTERM, and SIGKILL after the grace period. */
  async stop(graceMs: number): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    this.stopProbes();
    this.isReady = false;
    if (this.child) {
      this.child.kill('SIGTERM');
      const timer = setTimeout(() => this.child?.kill('SIGKILL'), graceMs);
      await this.ended;
      clearTimeout(timer);
    } else if (this.state.kind === 'waiting') this.state = neverStarted();
  }

  private spawn(launch: Launch): void {
    if (launch.cwd) mkdirSync(launch.cwd, { recursive: true });
    this.log.rotate();
    const child = spawnBound(launch, ['ignore', 'pipe', 'pipe']);
    const startedAtMs = Date.now();
    this.child = child;
    if (child.stdout) this.log.capture(child.stdout);
    if (child.stderr) this.log.capture(child.stderr);
    this.ended = new Promise((resolve) => {
      const end = (exitCode: number, signal?: string): void => {
        resolve();
        this.handleEnd({ kind: 'terminated', exitCode, ...(signal ? { signal } : {}), startedAtMs, finishedAtMs: Date.now() });
      };
      child.once('exit', (code, signal) => end(code ?? 128 + signalNumber(signal), signal ?? undefined));
      child.once('error', (error) => {
        this.options.onEvent('Warning', 'Failed', `cannot start ${launch.command}: ${error.message}`);
        end(127);
      });
    });
    if (child.pid !== undefined) writeRecord(this.options.record.folder, this.options.record.name, child.pid);
    this.state = { kind: 'running', startedAtMs };
    this.options.onEvent('Normal', 'Started', `Started container ${this.container.name}`);
    this.startProbes();
    this.options.onChange();
  }

  private handleEnd(ended: Terminated): void {
    removeRecord(this.options.record.folder, this.options.record.name);
    this.child = undefined;
    this.stopProbes();
    this.isReady = false;
    this.isStarted = false;
    this.state = ended;
    this.lastTermination = ended;
    if (!this.isStopping && this.isToBeRestarted(ended.exitCode)) this.restartLater(ended);
    this.options.onChange();
  }

  private isToBeRestarted(exitCode: number): boolean {
    const { restartPolicy } = this.options;
    return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
  }

  /** The first restart is at once: most crashes do not repeat. */
  private restartLater({ startedAtMs, finishedAtMs, exitCode }: Terminated): void {
    if (finishedAtMs - startedAtMs > CONTAINER_BACKOFF_RESET_MS) this.backoffMs = 0;
    this.restarts += 1;
    const message = `back-off ${this.backoffMs} ms restarting container ${this.container.name} (exit code ${exitCode})`;
    this.options.onEvent('Warning', 'BackOff', message);
    this.state = { kind: 'waiting', reason: 'CrashLoopBackOff', message };
    this.timer = setTimeout(() => void this.start(), this.backoffMs);
    this.backoffMs = Math.min(Math.max(CONTAINER_BACKOFF_MS, this.backoffMs * 2), CONTAINER_BACKOFF_MS_MAX);
  }

  private waitForConfig(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const reason = error instanceof MissingConfigError ? 'CreateContainerConfigError' : 'CreateContainerError';
    this.options.onEvent('Warning', 'Failed', message);
    this.state = { kind: 'waiting', reason, message };
    this.timer = setTimeout(() => void this.start(), CONFIG_RETRY_MS);
    this.options.onChange();
  }

  private startProbes(): void {
    const { startupProbe } = this.container;
    if (!startupProbe) return this.startLaterProbes();
    this.probe('Startup', startupProbe, (isPassing) => {
      if (!isPassing) return this.killUnhealthy('Startup');
      if (!this.isStarted) this.startLaterProbes();
    });
  }

  private startLaterProbes(): void {
    this.isStarted = true;
    const { readinessProbe, livenessProbe } = this.container;
    if (!readinessProbe) this.isReady = true;
    else
      this.probe('Readiness', readinessProbe, (isPassing) => {
        this.isReady = isPassing;
        if (!isPassing) this.options.onEvent('Warning', 'Unhealthy', `Readiness probe of ${this.container.name} failed`);
        this.options.onChange();
      });
    if (livenessProbe) this.probe('Liveness', livenessProbe, (isPassing) => !isPassing && this.killUnhealthy('Liveness'));
    this.options.onChange();
  }

  private probe(_name: string, probe: Probe, onTurn: (isPassing: boolean) => void): void {
    const ask = (): Promise<boolean> => probeOnce(probe, this.container, this.options.address);
    this.probes.push(new ProbeRunner({ probe, ask, onTurn }));
  }

  /** The restart policy then decides, as after any other end. */
  private killUnhealthy(name: string): void {
    this.options.onEvent('Warning', 'Unhealthy', `${name} probe of ${this.container.name} failed, the container is restarted`);
    this.stopProbes();
    this.child?.kill('SIGKILL');
  }

  private stopProbes(): void {
    for (const probe of this.probes) probe.stop();
    this.probes = [];
  }
}

function neverStarted(): Terminated {
  const now = Date.now();
  return { kind: 'terminated', exitCode: 137, startedAtMs: now, finishedAtMs: now };
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

function signalNumber(signal: NodeJS.Signals | null): number {
  return SIGNAL_NUMBERS[signal ?? ''] ?? 0;
}
