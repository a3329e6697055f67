/**
 * The parts of the kit that need neither Nest nor gRPC nor S3, for processes that must start fast or stay small: `@botplane/kit/plain`.
 * Everything here is in the index as well.
 */
export { AppError, DISPOSITION, ErrorCode, toAppError } from './app-error.ts';
export type { Disposition } from './app-error.ts';
export { ConfigError, httpEnv, loadConfig, natsEnv, natsSettings, parseConfig, runtimeTls, runtimeTlsEnv, s3Env, secretsKeyEnv, tokenKeyEnv } from './config.ts';
export type { Environment, HttpConfig, NatsConfig, S3Config } from './config.ts';
export { envBool, envInt, envUrl } from './env.ts';
export { makeInstallKey, openEnvelope, readInstallKey, sealEnvelope } from './envelope.ts';
export type { InstallKey } from './envelope.ts';
export { addHealthRoutes, startHealthServer } from './health-routes.ts';
export { LOG_LEVELS, createLog, silentLog } from './log.ts';
export type { Log, LogLevel, LogOptions } from './log.ts';
export { createMetrics } from './metrics.ts';
export type { Metrics } from './metrics.ts';
export { Readiness } from './readiness.ts';
export { exitOnSignals } from './shutdown.ts';
export type { ShutdownOptions } from './shutdown.ts';
export { tracesEndpoint } from './tracing/config.ts';
export type { TracingConfig } from './tracing/config.ts';
export { TRACEPARENT } from './tracing/span.ts';
export type { Span, SpanAttributes, SpanIds, SpanKind, Tracing } from './tracing/span.ts';
export { spanMetrics } from './tracing/span-metrics.ts';
export { startTracing } from './tracing/start-tracing.ts';
