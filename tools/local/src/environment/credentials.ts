import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Secrets of one environment, made on its first start. */
export interface Credentials {
  readonly s3AccessKey: string;
  readonly s3SecretKey: string;
  readonly postgresPassword: string;
  /** Install key that seals bot tokens: a file with 32 bytes as base64. */
  readonly tokenKeyFile: string;
  /** Install key that seals the values of secretRefs: the same form. */
  readonly secretsKeyFile: string;
  /** The key of the installation for services/api: `bp_<id>_<secret>`. */
  readonly apiAdminKeyFile: string;
}

/** Makes what is missing in `folder` and reads it. */
export async function ensureCredentials(folder: string): Promise<Credentials> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await ensureFile(join(folder, 's3-access-key'), () => randomBytes(10).toString('hex'));
  await ensureFile(join(folder, 's3-secret-key'), () => randomBytes(20).toString('hex'));
  await ensureFile(join(folder, 'postgres-password'), () => randomBytes(16).toString('hex'));
  await ensureFile(join(folder, 'token-key'), () => randomBytes(32).toString('base64'));
  await ensureFile(join(folder, 'secrets-key'), () => randomBytes(32).toString('base64'));
  await ensureFile(join(folder, 'api-admin-key'), () => `bp_${randomBytes(8).toString('hex')}_${randomBytes(32).toString('hex')}`);
  return readCredentials(folder);
}

export function readCredentials(folder: string): Credentials {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return {
    s3AccessKey: read('s3-access-key'),
    s3SecretKey: read('s3-secret-key'),
    postgresPassword: read('postgres-password'),
    tokenKeyFile: join(folder, 'token-key'),
    secretsKeyFile: join(folder, 'secrets-key'),
    apiAdminKeyFile: join(folder, 'api-admin-key'),
  };
}

async function ensureFile(path: string, make: () => string): Promise<void> {
  if (existsSync(path)) return;
  await writeFile(`${path}.tmp`, make(), { mode: 0o600 });
  await rename(`${path}.tmp`, path); // Whole or not at all.
}
