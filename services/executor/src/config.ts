import { FAILPOINTS } from '@botplane/contracts';
import { envFailpoints, envInt, httpEnv, loadConfig, natsEnv, runtimeTlsEnv, s3Env, secretsKeyEnv } from '@botplane/kit';
import type { Environment } from '@botplane/kit';
import { z } from 'zod';
import { LIMITS } from './limits.ts';

const egressRoute = z.object({
  /** Name that bots call, with `:port` when it is not 443. */
  host: z.string().regex(/^[a-z0-9.-]+(:\d{1,5})?$/),
  /** Where such calls go: `https://host[:port]` (TLS must prove `host`), or `http://…` for a backend that speaks no TLS. */
  to: z.url({ protocol: /^https?$/ }).transform((text) => new URL(text).origin),
});
/** A name that leads to a private address, as the owner of the install allows it. */
export type EgressRoute = z.output<typeof egressRoute>;

const routesJson = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON: [{"host": "…", "to": "…"}]' });
    return z.NEVER;
  }
}).pipe(z.array(egressRoute).max(100));

const schema = z.object({
  ...httpEnv,
  ...natsEnv,
  ...s3Env,
  ...secretsKeyEnv,
  ...runtimeTlsEnv,
  /** Egress routes of the install as JSON. Default: none, so only public addresses are reached. */
  BOTPLANE_EGRESS_ROUTES: routesJson.default([]),
  /** Updates worked on at the same time. */
  BOTPLANE_UPDATES_RUNNING_MAX: envInt(1, 10_000).default(LIMITS.runningMax),
  /** For chaos runs: points at which the process crashes, see libs/kit/src/failpoints.ts. Default: none. */
  BOTPLANE_FAILPOINTS: envFailpoints(FAILPOINTS.executor),
  /** Name of this process in claims; a suffix is added at each start. Default: the host's name. */
  HOSTNAME: z.string().default('executor'),
});

export type ExecutorConfig = Readonly<z.output<typeof schema>>;

/** Reads the configuration; prints all problems and exits with 1. */
export function readConfig(env: Environment = process.env): ExecutorConfig {
  return loadConfig(schema, env);
}
