import { FAILPOINTS } from '@botplane/contracts';
import { envFailpoints, httpEnv, loadConfig, natsEnv, optionalS3Env, tokenKeyEnv } from '@botplane/kit';
import { z } from 'zod';
import { BULK_BOT_PER_SECOND_DEFAULT, BULK_BOT_PER_SECOND_MAX } from './limits.ts';

/** Environment of delivery. */
export const deliverySchema = z.object({
  ...httpEnv,
  ...natsEnv,
  ...tokenKeyEnv,
  /** Where files lie that calls name. Default: none, and calls with files are refused. */
  ...optionalS3Env,
  /** Messages per second and bot on the bulk lane. Default 25; Telegram allows about 30. */
  BULK_PER_SECOND: z.coerce.number().min(1).max(BULK_BOT_PER_SECOND_MAX).default(BULK_BOT_PER_SECOND_DEFAULT),
  /** For chaos runs: points at which the process crashes, see libs/kit/src/failpoints.ts. Default: none. */
  BOTPLANE_FAILPOINTS: envFailpoints(FAILPOINTS.delivery),
  /** Name of this process in claims; a suffix is added at each start. Default: the host's name. */
  HOSTNAME: z.string().default('delivery'),
});
export type DeliveryConfig = Readonly<z.output<typeof deliverySchema>>;

/** Reads the environment; a bad one ends the process. */
export const loadDeliveryConfig = (): DeliveryConfig => loadConfig(deliverySchema, process.env);
