import { readFileSync } from 'node:fs';
import { ConfigError, envUrl, httpEnv, loadConfig, natsEnv } from '@botplane/kit';
import type { Environment } from '@botplane/kit';
import { z } from 'zod';
import { hashKey, keyIdOf } from './domain/api-key.ts';

/** Environment of services/api. */
export const configSchema = z.object({
  ...httpEnv,
  ...natsEnv,
  /** `postgresql://user:password@host:port/database`. */
  DATABASE_URL: envUrl('postgres', 'postgresql'),
  /** File with the install's own key `bp_<id>_<secret>`: every scope, to make the first keys with. None: only stored keys count. */
  BOTPLANE_API_ADMIN_KEY_FILE: z.string().optional(),
});
export type Config = z.output<typeof configSchema>;

/** Reads the environment; a bad one ends the process with all problems. */
export const loadApiConfig = (env: Environment = process.env): Readonly<Config> => loadConfig(configSchema, env);

/** Hash of the install's key; undefined when no file is named. Throws ConfigError when the file holds no key. */
export function readInstallKeyHash(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const text = readKeyFile(file);
  if (keyIdOf(text) !== undefined) return hashKey(text);
  throw new ConfigError([`BOTPLANE_API_ADMIN_KEY_FILE: ${file} must hold bp_<16 characters of 0-9a-z>_<at least 43 characters of A-Za-z0-9_->`]);
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError([`BOTPLANE_API_ADMIN_KEY_FILE: ${(cause as Error).message}`]);
  }
}
