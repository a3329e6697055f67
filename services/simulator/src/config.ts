import type { Environment } from '@botplane/kit/plain';
import { envInt, httpEnv, loadConfig as loadEnv } from '@botplane/kit/plain';
import { z } from 'zod';

const knownBots = z.array(z.strictObject({
  token: z.string().min(1), username: z.string().min(4).optional(), privacy: z.boolean().optional(),
}));

const schema = z.object({
  ...httpEnv,
  HOST: z.string().default('127.0.0.1'),
  PORT: envInt(0, 65_535).default(0),
  /** The real port is written here once the simulator listens. */
  SIMULATOR_PORT_FILE: z.string().optional(),
  /** Folder where bots, chats and waiting updates survive a restart; without it they are kept in memory only. */
  SIMULATOR_STATE_DIR: z.string().optional(),
  /** Who may call /_sim and /play: this machine, or everybody, where a network policy says who that is. */
  SIMULATOR_CONTROL_FROM: z.enum(['loopback', 'anywhere']).default('loopback'),
  /** Bots that are known at start: JSON list of {token, username?, privacy?}. */
  SIMULATOR_BOTS: z.string().default('[]').transform((text, context) => {
    try {
      return knownBots.parse(JSON.parse(text));
    } catch {
      context.addIssue('must be a JSON list of {"token": …, "username": …}');
      return z.NEVER;
    }
  }),
});

export type Config = z.output<typeof schema>;
export type KnownBot = z.output<typeof knownBots>[number];

/** Reads the environment; a bad one ends the process with all problems. */
export const loadConfig = (env: Environment = process.env): Readonly<Config> => loadEnv(schema, env);
