import type { Metrics } from '@botplane/kit';
import type { RuntimeMetrics } from '../../app/ports.ts';
import { FAILURE_CODES } from '../../domain/call.ts';

const STEP_BUCKETS_SECONDS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5] as const;

/** What is read when Prometheus asks. */
export interface RuntimeGauges {
  callsInHand(): number;
  revisionsLoaded(): number;
}

/** Counts runs, isolates and kills for Prometheus. */
export function runtimeMetrics(metrics: Metrics, read: RuntimeGauges): RuntimeMetrics {
  metrics.gauge('botplane_runtime_calls_in_flight', 'Calls that wait or run', [], (gauge) => gauge.set(read.callsInHand()));
  metrics.gauge('botplane_runtime_revisions_loaded', 'Revisions whose code is here', [], (gauge) => gauge.set(read.revisionsLoaded()));
  const runs = metrics.counter('botplane_runtime_runs_total', 'Steps by outcome', ['outcome'], ['ok', ...FAILURE_CODES.map((code) => code.toLowerCase())].map((outcome) => ({ outcome })));
  const hits = metrics.counter('botplane_runtime_isolates_total', 'Steps by whether their isolate was there', ['start'], [{ start: 'warm' }, { start: 'cold' }]);
  const seconds = metrics.histogram('botplane_runtime_step_seconds', 'Time of one step inside its host', [], STEP_BUCKETS_SECONDS);
  const live = metrics.gauge('botplane_runtime_isolates_live', 'Isolates that live now', ['host']);
  const resident = metrics.gauge('botplane_runtime_host_resident_bytes', 'Resident memory of a sandbox host', ['host']);
  const kills = metrics.counter('botplane_runtime_hosts_ended_total', 'Sandbox hosts that ended, by reason', ['reason'], [{ reason: 'overrun' }, { reason: 'died' }, { reason: 'recycled' }]);
  const strikes = metrics.counter('botplane_runtime_strikes_total', 'Calls that were to blame for an overrun kill or a dead host');
  return {
    settled: (outcome, cold, tookMs) => {
      runs.inc({ outcome });
      if (outcome === 'overloaded' || outcome === 'not_loaded') return;
      hits.inc({ start: cold ? 'cold' : 'warm' });
      if (outcome === 'ok') seconds.observe(tookMs / 1_000);
    },
    ended: (reason) => kills.inc({ reason }),
    live: (host, count) => live.set({ host }, count),
    resident: (host, mib) => resident.set({ host }, mib * 1024 * 1024),
    strike: () => strikes.inc(),
  };
}
