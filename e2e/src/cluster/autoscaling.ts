import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { NAMESPACE } from './cluster.ts';
import { AUTOSCALED_MS_MAX, LOOK_MS_MAX, SAMPLE_MS } from './limits.ts';
import { reach } from './reach.ts';

/** How many pods somebody wants, and how many are Ready. */
export interface Count {
  wanted: number;
  ready: number;
}

export interface Sample {
  ms: number;
  /** Updates that no executor has settled, as the platform tells autoscalers. */
  lag: number;
  executors: Count;
  runtimes: Count;
}

interface Scaled {
  spec: { replicas: number };
  status: { readyReplicas?: number };
}

/** What autoscalers do, second by second. A look that fails is left out: the next one follows. */
export class Watch {
  readonly samples: Sample[] = [];
  private isOver = false;
  /** Why the last look failed, if it did. */
  private failure: Error | undefined;
  private readonly loop: Promise<void>;

  constructor(private readonly cluster: Pick<Cluster, 'kubectl'>, private readonly lagUrl: string, private readonly close: () => void) {
    this.loop = this.run();
  }

  static async start(cluster: Cluster): Promise<Watch> {
    const way = await reach(cluster, 'api', 8080);
    return new Watch(cluster, `http://${way.address}/lag`, way.close);
  }

  /** Waits for a sample. */
  async until(what: string, holds: (sample: Sample) => boolean): Promise<void> {
    const endMs = Date.now() + AUTOSCALED_MS_MAX;
    for (;;) {
      const last = this.samples.at(-1);
      if (last !== undefined && holds(last)) return;
      if (Date.now() > endMs) throw new Error(`${what}: not after ${AUTOSCALED_MS_MAX / 1_000} s; last seen: ${JSON.stringify(last)}`, { cause: this.failure });
      await sleep(SAMPLE_MS);
    }
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.loop;
    this.close();
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      this.failure = await this.look().then(() => undefined, (error: Error) => error);
      await sleep(SAMPLE_MS);
    }
  }

  private async look(): Promise<void> {
    const [lag, objects] = await Promise.all([this.lag(), this.cluster.kubectl(['get', 'deployment/botplane-executor', 'botruntime/default', '--namespace', NAMESPACE, '--output', 'json', `--request-timeout=${LOOK_MS_MAX}ms`])]);
    const [executors, runtimes] = (JSON.parse(objects) as { items: Scaled[] }).items.map(({ spec, status }) => ({ wanted: spec.replicas, ready: status.readyReplicas ?? 0 }));
    if (executors !== undefined && runtimes !== undefined) this.samples.push({ ms: Date.now(), lag, executors, runtimes });
  }

  private async lag(): Promise<number> {
    const response = await fetch(this.lagUrl, { signal: AbortSignal.timeout(LOOK_MS_MAX) });
    if (!response.ok) throw new Error(`/lag answered ${response.status}`);
    return ((await response.json()) as { updates: number }).updates;
  }
}

/**
 * How long after `needsMore` it took until `hasMore`, ms, both within the rush; Infinity where it never did. Where no sample before that shows the
 * need, counted from the rush's begin: it may last a moment only, which an autoscaler sees and a sample does not.
 */
export function raisedAfterMs(samples: readonly Sample[], rushMs: number, needsMore: (sample: Sample) => boolean, hasMore: (sample: Sample) => boolean): number {
  const rush = samples.filter(({ ms }) => ms > rushMs);
  const raised = rush.find(hasMore);
  if (raised === undefined) return Infinity;
  return raised.ms - (rush.find((sample) => sample.ms <= raised.ms && needsMore(sample))?.ms ?? rushMs);
}

/** The values in their order, without repetitions: `[1, 1, 2, 1]` is `[1, 2, 1]`. */
export const changesOf = (values: readonly number[]): number[] => values.filter((value, index) => value !== values[index - 1]);
