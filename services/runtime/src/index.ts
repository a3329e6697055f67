export { runtimeService } from './app.module.ts';
export { runtimeSchema } from './config.ts';
export type { RuntimeConfig } from './config.ts';
