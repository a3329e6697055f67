import { FIRST_PROBE_INTERVAL_MS } from './limits.ts';
import type { Probe } from './pod-types.ts';

export interface ProbeRunnerOptions {
  readonly probe: Probe;
  readonly ask: () => Promise<boolean>;
  /** Called when the answer turns: after `successThreshold` or `failureThreshold` equal answers. */
  readonly onTurn: (isPassing: boolean) => void;
}

/**
 * Runs one probe as a kubelet does, but asks often until the first success: a pod is ready when it is, not at the
 * next period. Until then failures count by time (`failureThreshold` periods), not by number.
 */
export class ProbeRunner {
  private readonly options: ProbeRunnerOptions;
  private readonly periodMs: number;
  private readonly failuresMax: number;
  private readonly successesMin: number;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private isPassing: boolean | undefined;
  private inRow = 0;
  private readonly startedAtMs = Date.now();

  constructor(options: ProbeRunnerOptions) {
    this.options = options;
    this.periodMs = (options.probe.periodSeconds ?? 10) * 1_000;
    this.failuresMax = options.probe.failureThreshold ?? 3;
    this.successesMin = options.probe.successThreshold ?? 1;
    this.timer = setTimeout(() => void this.tick(), (options.probe.initialDelaySeconds ?? 0) * 1_000);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private async tick(): Promise<void> {
    const isPassing = await this.options.ask().catch(() => false);
    if (this.isStopped) return;
    this.count(isPassing);
    if (this.isStopped) return; // The turn may have ended this container.
    const isFirst = this.isPassing === undefined;
    this.timer = setTimeout(() => void this.tick(), isFirst ? Math.min(FIRST_PROBE_INTERVAL_MS, this.periodMs) : this.periodMs);
  }

  private count(isPassing: boolean): void {
    if (this.isPassing === undefined) {
      const delayMs = (this.options.probe.initialDelaySeconds ?? 0) * 1_000;
      const isOver = Date.now() - this.startedAtMs >= delayMs + this.failuresMax * this.periodMs;
      if (isPassing || isOver) this.turn(isPassing);
      return;
    }
    this.inRow = isPassing === this.isPassing ? 0 : this.inRow + 1;
    if (this.inRow >= (isPassing ? this.successesMin : this.failuresMax)) this.turn(isPassing);
  }

  private turn(isPassing: boolean): void {
    this.isPassing = isPassing;
    this.inRow = 0;
    this.options.onTurn(isPassing);
  }
}
