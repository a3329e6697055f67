import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toolPath } from '@botplane/bootstrap';
import { httpAnswers } from '../checks.ts';
import type { ProcessRecipe } from '../recipe.ts';

export interface S3Options {
  readonly folder: string;
  readonly port: number;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Made before the start when missing. */
  readonly bucket: string;
}

/** versitygw over a folder: S3 with `If-None-Match`, on loopback. */
export function s3Recipe({ folder, port, accessKey, secretKey, bucket }: S3Options): ProcessRecipe {
  const data = join(folder, 'data');
  // Metadata beside the objects, since extended attributes are not to be had on every file system.
  const metadata = join(folder, 'metadata');
  return {
    name: 's3',
    command: toolPath('versitygw'),
    args: ['--port', `127.0.0.1:${port}`, '--health', '/healthz', '--quiet', '--keep-alive', 'posix', '--sidecar', metadata, data],
    env: { ROOT_ACCESS_KEY_ID: accessKey, ROOT_SECRET_ACCESS_KEY: secretKey },
    cwd: folder,
    prepare: async () => {
      await mkdir(join(data, bucket), { recursive: true }); // A bucket is a folder.
      await mkdir(metadata, { recursive: true });
    },
    ready: () => httpAnswers(`http://127.0.0.1:${port}/healthz`),
  };
}
