import { ConfigError, natsEnv, parseConfig, s3Env } from '@botplane/kit/plain';
import type { NatsConfig, S3Config } from '@botplane/kit/plain';
import { z } from 'zod';
import { BackupError } from './errors.ts';
import type { Part } from './manifest.ts';

const postgresEnv = { DATABASE_URL: z.string().min(1) } as const;

/** Where the parts are; read from the variables that the services have. */
export interface BackupConfig {
  nats: NatsConfig | undefined;
  postgresUrl: string | undefined;
  s3: S3Config | undefined;
}

/** Throws BackupError that names every variable that is missing for these parts. */
export function loadBackupConfig(parts: readonly Part[]): BackupConfig {
  const problems: string[] = [];
  const read = <S extends z.ZodObject>(part: Part, schema: S): Readonly<z.output<S>> | undefined => {
    if (!parts.includes(part)) return undefined;
    try {
      return parseConfig(schema, process.env);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems.map((problem) => `  ${part}: ${problem}`));
      return undefined;
    }
  };
  const config = { nats: read('nats', z.object(natsEnv)), postgresUrl: read('postgres', z.object(postgresEnv))?.DATABASE_URL, s3: read('s3', z.object(s3Env)) };
  if (problems.length > 0) throw new BackupError(`variables are missing or wrong:\n${problems.join('\n')}\n--only nats,s3 leaves the others out`);
  return config;
}
