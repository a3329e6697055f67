import { httpEnv, loadConfig, natsEnv, tokenKeyEnv } from '@botplane/kit';
import { z } from 'zod';

/** Environment of ingress. */
export const ingressSchema = z.object({
  ...httpEnv,
  ...natsEnv,
  /** Opens the tokens of bots with `updates: Polling`; without it this process polls none. */
  BOTPLANE_TOKEN_KEY_FILE: tokenKeyEnv.BOTPLANE_TOKEN_KEY_FILE.optional(),
});
export type IngressConfig = Readonly<z.output<typeof ingressSchema>>;

/** Reads the environment; a bad one ends the process. */
export const loadIngressConfig = (): IngressConfig => loadConfig(ingressSchema, process.env);
