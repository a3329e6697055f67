import type { HttpConfig, Log } from '@botplane/kit/plain';
import { Readiness, createMetrics } from '@botplane/kit/plain';
import { makeHttpServer } from './adapters/in/http-server.ts';
import { Stopping } from './adapters/in/stopping.ts';
import { FileJournal } from './adapters/out/file-journal.ts';
import { makeMeter } from './adapters/out/prometheus-meter.ts';
import { UndiciWebhookClient } from './adapters/out/undici-webhook-client.ts';
import { memoryJournal } from './app/memory-journal.ts';
import { Simulator } from './app/simulator.ts';
import type { Config } from './config.ts';
import { SHUTDOWN_GRACE_MS } from './limits.ts';

export interface Serving {
  /** `http://host:port` that was really taken. */
  readonly url: string;
  /** Ends long polls, waits a moment for webhooks under way, writes the state; idempotent. */
  close(): Promise<void>;
}

/**
 * The composition root: ports meet adapters here, and the server listens. Without Nest, unlike the other services: a
 * simulator is started by every test run, and half of its start was spent on loading what it does not use (docs/adr/0009).
 */
export async function serve(config: Readonly<Config & HttpConfig>, log: Log): Promise<Serving> {
  const metrics = createMetrics();
  const readiness = new Readiness();
  const webhooks = new UndiciWebhookClient();
  const journal = config.SIMULATOR_STATE_DIR === undefined ? null : new FileJournal(config.SIMULATOR_STATE_DIR, log);
  const meter = makeMeter(metrics, () => simulator.pendingCount());
  const simulator = new Simulator({ journal: journal ?? memoryJournal(), webhooks, meter, clock: Date.now });
  await journal?.load(simulator.accounts, Date.now());
  for (const bot of config.SIMULATOR_BOTS) simulator.accounts.create(bot);

  const stopping = new Stopping();
  const server = makeHttpServer({ simulator, stopping, readiness, metrics, log, controlFrom: config.SIMULATOR_CONTROL_FROM });
  const url = await server.listen({ host: config.HOST, port: config.PORT });

  const stop = async (): Promise<void> => {
    readiness.drain();
    await stopping.stop();
    // A browser opens connections it may never use; Node would wait a minute for their first request.
    const force = setTimeout(() => server.server.closeAllConnections(), SHUTDOWN_GRACE_MS);
    await server.close();
    clearTimeout(force);
    await simulator.close();
    await webhooks.close();
    await journal?.close();
  };
  let closed: Promise<void> | undefined;
  return { url, close: () => (closed ??= stop()) };
}
