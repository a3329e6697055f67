export { startHostProcess } from './adapters/out/host-process.ts';
export { runtimeService } from './app.module.ts';
export { SandboxPool } from './app/sandbox-pool.ts';
export type { PoolSettings } from './app/sandbox-pool.ts';
export { runtimeSchema } from './config.ts';
export type { RuntimeConfig } from './config.ts';
