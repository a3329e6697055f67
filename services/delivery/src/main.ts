import { runService } from '@botplane/kit';
import { deliveryService } from './app.module.ts';
import { loadDeliveryConfig } from './config.ts';

await runService(deliveryService(loadDeliveryConfig()));
