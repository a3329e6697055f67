import { monitorEventLoopDelay } from 'node:perf_hooks';
import { K8sClient, LeaderElector } from '@botplane/k8s';
import type { Logger, MetricsPort } from '@botplane/k8s';
import type { Readiness } from '@botplane/kit/plain';
import type { Config } from './config.ts';
import { EVENT_LOOP_BLOCK_TOLD_MS, EVENT_LOOP_DELAY_MS_MAX, LEASE_AGE_MS_MAX } from './limits.ts';

/** Name of the Lease in BOTPLANE_NAMESPACE, and of the election in metrics. */
export const LEASE_NAME = 'botplane-operator';

export interface Leadership {
  elector: LeaderElector;
  /** Gives the lease back and closes its connections. */
  close(): Promise<void>;
}

/** Joins the election; nothing is asked before `acquire`. Whoever loses the lease later must end: `onLost` is told. */
export function joinElection(config: Config, { log, metrics, onLost }: { log: Logger; metrics: MetricsPort; onLost: (cause: Error) => void }): Leadership {
  const client = new K8sClient({ ...kubeconfigOf(config), metrics, userAgent: `botplane-operator-leader/${config.POD_NAME}` });
  const lease = { namespace: config.BOTPLANE_NAMESPACE, name: LEASE_NAME };
  const elector = new LeaderElector({ client, lease, identity: config.POD_NAME, onLost, logger: log, metrics });
  return {
    elector,
    close: async () => {
      await elector.release();
      await client.close();
    },
  };
}

/** Where the API server is, for a client. */
export const kubeconfigOf = ({ KUBECONFIG: path }: Config): { kubeconfigPath?: string } => (path === undefined ? {} : { kubeconfigPath: path });

/** The delays of the event loop since the last reset, in ns. */
export interface LoopDelays {
  readonly max: number;
  reset(): void;
}

/** What only a restart can mend: a leader whose lease is old and that still runs, an event loop that is blocked again and again. */
export function watchLiveness(liveness: Readiness, elector: Pick<LeaderElector, 'leaseAgeMs'>, delays: LoopDelays = measureDelays(), nowMs: () => number = () => performance.now()): void {
  let block = { ms: 0, toldUntilMs: 0 };
  liveness.add('lease', () => (elector.leaseAgeMs ?? 0) < LEASE_AGE_MS_MAX);
  liveness.add('event-loop', () => {
    // The longest block since the last look, whoever looked.
    const longestMs = delays.max / 1e6;
    delays.reset();
    if (longestMs > EVENT_LOOP_DELAY_MS_MAX) block = { ms: longestMs, toldUntilMs: nowMs() + EVENT_LOOP_BLOCK_TOLD_MS };
    if (nowMs() < block.toldUntilMs) throw new Error(`blocked for ${Math.round(block.ms)} ms`);
    return true;
  });
}

function measureDelays(): LoopDelays {
  const delays = monitorEventLoopDelay({ resolution: 100 });
  delays.enable();
  return delays;
}
