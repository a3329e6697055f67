import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { expect, it, onTestFinished } from 'vitest';

/** As it is built, for a process of its own. */
const KIT = join(import.meta.dirname, '../dist/index.js');

/** Packages of OpenTelemetry that a process with this environment has read once its tracing is started. */
async function packagesRead(env: Record<string, string>): Promise<string[]> {
  const folder = makeTempFolder('tracing-off');
  onTestFinished(() => removeTempFolder(folder));
  const program = join(folder, 'main.mjs');
  writeFileSync(program, `
    import { registerHooks } from 'node:module';
    const read = new Set();
    registerHooks({ load: (url, context, next) => (read.add(/node_modules\\/(@opentelemetry\\/[^/]+)/.exec(url)?.[1]), next(url, context)) });
    const { createMetrics, httpEnv, parseConfig, silentLog, startTracing } = await import(${JSON.stringify(KIT)});
    const { z } = await import(${JSON.stringify(import.meta.resolve('zod'))});
    const tracing = await startTracing({ config: parseConfig(z.object(httpEnv), process.env), service: 'test', instance: 'a', metrics: createMetrics(), log: silentLog() });
    await tracing?.close();
    console.log(JSON.stringify([...read].filter(Boolean).sort()));
  `);
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
  return JSON.parse(stdout) as string[];
}

it('[P10] tracing that is off costs nothing: neither SDK nor exporter is read', async () => {
  // The client of Prometheus reads the interfaces, for exemplars.
  expect(await packagesRead({})).toEqual(['@opentelemetry/api']);
  expect(await packagesRead({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })).toEqual(expect.arrayContaining(['@opentelemetry/api', '@opentelemetry/sdk-trace']));
});
