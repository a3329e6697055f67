import { writeFile } from 'node:fs/promises';
import { createLog, exitOnSignals, startService } from '@botplane/kit';
import { AppModule } from './app.module.ts';
import { loadConfig } from './config.ts';

const config = loadConfig();
const log = createLog({ name: 'simulator', level: config.LOG_LEVEL });
const started = startService({ name: 'simulator', config, log, module: (kit) => AppModule.create(kit) });
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
