import { httpEnv, loadConfig, natsEnv } from '@botplane/kit';
import { z } from 'zod';

/** Environment of ingress. */
export const ingressSchema = z.object({ ...httpEnv, ...natsEnv });
export type IngressConfig = Readonly<z.output<typeof ingressSchema>>;

/** Reads the environment; a bad one ends the process. */
export const loadIngressConfig = (): IngressConfig => loadConfig(ingressSchema, process.env);
