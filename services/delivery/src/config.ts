import { httpEnv, loadConfig, natsEnv, tokenKeyEnv } from '@botplane/kit';
import { z } from 'zod';

/** Environment of delivery. */
export const deliverySchema = z.object({ ...httpEnv, ...natsEnv, ...tokenKeyEnv });
export type DeliveryConfig = Readonly<z.output<typeof deliverySchema>>;

/** Reads the environment; a bad one ends the process. */
export const loadDeliveryConfig = (): DeliveryConfig => loadConfig(deliverySchema, process.env);
