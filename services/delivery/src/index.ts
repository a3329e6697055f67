export { deliveryService } from './app.module.ts';
export { deliverySchema } from './config.ts';
export type { DeliveryConfig } from './config.ts';
