/**
 * The parts of the kit that need neither Nest nor gRPC nor S3, for processes that must start fast: `@botplane/kit/plain`.
 * Everything here is in the index as well.
 */
export { ConfigError, envBool, envInt, envUrl, httpEnv, loadConfig, parseConfig } from './config.ts';
export type { Environment, HttpConfig } from './config.ts';
export { addHealthRoutes } from './health-routes.ts';
export { LOG_LEVELS, createLog, silentLog } from './log.ts';
export type { Log, LogLevel, LogOptions } from './log.ts';
export { createMetrics } from './metrics.ts';
export type { Metrics } from './metrics.ts';
export { Readiness } from './readiness.ts';
export { exitOnSignals } from './shutdown.ts';
export type { ShutdownOptions } from './shutdown.ts';
