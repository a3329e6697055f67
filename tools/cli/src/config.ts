import { parseConfig, s3Env } from '@botplane/kit';
import type { S3Config } from '@botplane/kit';
import { z } from 'zod';

/** Where `bundle --push` writes: S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY and S3_REGION of the environment. */
export const loadPushConfig = (bucket: string): S3Config => parseConfig(z.object(s3Env), { ...process.env, S3_BUCKET: bucket });
