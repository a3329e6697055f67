import { FAILPOINTS } from '@botplane/contracts';
import { envFailpoints, httpEnv, loadConfig, natsEnv, tokenKeyEnv } from '@botplane/kit';
import { z } from 'zod';

/** Environment of delivery. */
export const deliverySchema = z.object({
  ...httpEnv,
  ...natsEnv,
  ...tokenKeyEnv,
  /** For chaos runs: points at which the process crashes, see libs/kit/src/failpoints.ts. Default: none. */
  BOTPLANE_FAILPOINTS: envFailpoints(FAILPOINTS.delivery),
});
export type DeliveryConfig = Readonly<z.output<typeof deliverySchema>>;

/** Reads the environment; a bad one ends the process. */
export const loadDeliveryConfig = (): DeliveryConfig => loadConfig(deliverySchema, process.env);
