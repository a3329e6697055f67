import { writeFile } from 'node:fs/promises';
import { createLog, exitOnSignals } from '@botplane/kit/plain';
import { loadConfig } from './config.ts';
import { serve } from './serve.ts';

const config = loadConfig();
const log = createLog({ name: 'simulator', level: config.LOG_LEVEL });
const started = serve(config, log);
exitOnSignals({ log, msMax: config.SHUTDOWN_MS_MAX, close: async () => (await started).close() });
try {
  const { url } = await started;
  const port = Number(new URL(url).port);
  log.info({ port, url, playground: `${url}/play` }, 'simulator listens');
  if (config.SIMULATOR_PORT_FILE !== undefined) await writeFile(config.SIMULATOR_PORT_FILE, `${port}\n`);
} catch (err) {
  log.fatal({ err }, 'simulator did not start');
  process.exit(1);
}
