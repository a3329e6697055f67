export { ingressService } from './app.module.ts';
export { ingressSchema } from './config.ts';
export type { IngressConfig } from './config.ts';
