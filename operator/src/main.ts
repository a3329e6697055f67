import { Readiness, createLog, createMetrics, exitOnSignals, startHealthServer, startTracing } from '@botplane/kit/plain';
import { loadConfig } from './config.ts';
import { bindMetrics } from './metrics.ts';
import { startOperator } from './operator.ts';

const config = loadConfig();
const log = createLog({ name: 'operator', level: config.LOG_LEVEL });
const metrics = createMetrics();
const readiness = new Readiness();
const liveness = new Readiness();
let working = false;
readiness.add('caches', () => working);

// First, so that probes are answered while the operator waits for its servers.
const health = await startHealthServer({ host: config.HOST, port: config.PORT, readiness, liveness, metrics });
log.info({ url: health.url }, 'health server listens');
const tracing = await startTracing({ config, service: 'operator', instance: config.POD_NAME, metrics, log });
const running: { operator?: { close(): Promise<void> } } = {};
exitOnSignals({
  log,
  msMax: config.SHUTDOWN_MS_MAX,
  close: async () => {
    readiness.drain();
    await running.operator?.close();
    await tracing?.close();
    await health.close();
  },
});

const onLeaseLost = (err: Error): void => {
  log.fatal({ err }, 'the lease is lost; this process ends, so that two never lead');
  process.exit(1);
};
running.operator = await startOperator({ config, log, metrics: bindMetrics(metrics), registry: metrics, readiness, liveness, tracing, onLeaseLost });
working = true;
