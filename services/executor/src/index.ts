export { makeModule } from './app.module.ts';
export { readConfig } from './config.ts';
export type { EgressRoute, ExecutorConfig } from './config.ts';
