export { makeModule } from './app.module.ts';
export { routedRevision } from './domain/choose-revision.ts';
export { readConfig } from './config.ts';
export type { EgressRoute, ExecutorConfig } from './config.ts';
