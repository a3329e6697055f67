import 'reflect-metadata';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { HttpConfig } from './config.ts';
import { AppExceptionFilter } from './exception-filter.ts';
import { GrpcTransport } from './grpc-transport.ts';
import { addHealthRoutes } from './health-routes.ts';
import { HTTP_BODY_BYTES_MAX, HTTP_KEEP_ALIVE_MS, HTTP_PARAM_CHARS_MAX, HTTP_REQUEST_MS_MAX } from './limits.ts';
import { createLog } from './log.ts';
import type { Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { NestLog } from './nest-log.ts';
import { Readiness } from './readiness.ts';
import { exitOnSignals } from './shutdown.ts';
import type { Tracing } from './tracing/span.ts';
import { startTracing } from './tracing/start-tracing.ts';

/** What every service's composition root gets to work with. */
export interface ServiceKit<C extends HttpConfig> {
  readonly config: C;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** Undefined when no collector is configured: then nothing is recorded. */
  readonly tracing: Tracing | undefined;
}

export interface ServiceDefinition<C extends HttpConfig> {
  /** Name in logs. */
  readonly name: string;
  readonly config: C;
  /** The composition root. May connect to servers; what it opens is closed by providers' onModuleDestroy / onApplicationShutdown. */
  readonly module: (kit: ServiceKit<C>) => DynamicModule | Promise<DynamicModule>;
  /** Further ways in besides HTTP, e.g. a GrpcTransport; they listen before HTTP does. */
  readonly transports?: (kit: ServiceKit<C>) => readonly CustomTransportStrategy[];
  /** For tests; default: JSON lines on standard output. */
  readonly log?: Log;
}

export interface RunningService {
  /** `http://host:port` that was really taken. */
  readonly url: string;
  readonly app: NestFastifyApplication;
  /** Readiness off, drain time, then Nest's shutdown hooks; idempotent. */
  close(): Promise<void>;
}

/** Starts a Nest application on Fastify with /healthz, /readyz and /metrics. Touches no signals: tests use it directly. */
export async function startService<C extends HttpConfig>(definition: ServiceDefinition<C>): Promise<RunningService> {
  const { name, config } = definition;
  const log = definition.log ?? createLog({ name, level: config.LOG_LEVEL });
  const metrics = createMetrics();
  const tracing = await startTracing({ config, service: name, instance: hostname(), metrics, log });
  const kit: ServiceKit<C> = { config, log, metrics, readiness: new Readiness(), tracing };

  const module = await definition.module(kit);
  const app = await NestFactory.create<NestFastifyApplication>(module, httpAdapter(), { logger: new NestLog(log), abortOnError: false });
  app.useGlobalFilters(new AppExceptionFilter(log));
  addHealthRoutes(app.getHttpAdapter().getInstance(), kit.readiness, kit.metrics);
  const transports = definition.transports?.(kit) ?? [];
  for (const strategy of transports) app.connectMicroservice({ strategy }, { inheritAppConfig: false });
  if (definition.transports) await app.startAllMicroservices();
  await app.listen(config.PORT, config.HOST);
  const url = await app.getUrl();
  log.info({ url }, 'service listens');

  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= stop(app, kit, transports));
  return { url, app, close };
}

/** Runs a service until SIGTERM or SIGINT: the whole of a main.ts after loadConfig. */
export async function runService<C extends HttpConfig>(definition: ServiceDefinition<C>): Promise<void> {
  const log = definition.log ?? createLog({ name: definition.name, level: definition.config.LOG_LEVEL });
  let running: RunningService | undefined;
  // Installed before the start is over: a pod may be deleted while it waits for its servers, and then has nothing to finish.
  exitOnSignals({ log, msMax: definition.config.SHUTDOWN_MS_MAX, close: async () => running?.close() });
  log.info('service starts');
  try {
    running = await startService({ ...definition, log });
  } catch (err) {
    log.fatal({ err }, 'service did not start');
    process.exit(1);
  }
}

function httpAdapter(): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: HTTP_BODY_BYTES_MAX,
    keepAliveTimeout: HTTP_KEEP_ALIVE_MS,
    requestTimeout: HTTP_REQUEST_MS_MAX,
    routerOptions: { maxParamLength: HTTP_PARAM_CHARS_MAX },
    forceCloseConnections: 'idle',
  });
}

async function stop<C extends HttpConfig>(app: NestFastifyApplication, kit: ServiceKit<C>, transports: readonly CustomTransportStrategy[]): Promise<void> {
  kit.readiness.drain();
  for (const transport of transports) if (transport instanceof GrpcTransport) transport.setServing(false);
  if (kit.config.SHUTDOWN_DRAIN_MS > 0) await sleep(kit.config.SHUTDOWN_DRAIN_MS);
  await app.close();
  await kit.tracing?.close();
}
