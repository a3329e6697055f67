export { AppModule } from './app.module.ts';
export { configSchema } from './config.ts';
export type { Config } from './config.ts';
