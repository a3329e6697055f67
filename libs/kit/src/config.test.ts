import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { httpEnv, natsEnv, parseConfig, s3Env } from './config.ts';
import { envBool } from './env.ts';
import type { ConfigError } from './config.ts';

describe('parseConfig', () => {
  it('fills defaults and turns numbers, URLs and booleans into their types', () => {
    const schema = z.object({ ...httpEnv, ...s3Env, FLAG: envBool() });
    const config = parseConfig(schema, { PORT: '0', LOG_LEVEL: '', S3_ENDPOINT: 'http://127.0.0.1:7070/', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 'b', S3_BUCKET: 'botplane', FLAG: '0' });
    expect(config).toMatchObject({ HOST: '0.0.0.0', PORT: 0, LOG_LEVEL: 'info', S3_ENDPOINT: 'http://127.0.0.1:7070', S3_REGION: 'us-east-1', FLAG: false });
  });

  it('names every problem at once', () => {
    const schema = z.object({ ...httpEnv, ...natsEnv });
    try {
      parseConfig(schema, { PORT: 'x', LOG_LEVEL: 'loud' });
      expect.unreachable();
    } catch (error) {
      expect((error as ConfigError).problems.map((problem) => problem.split(':')[0])).toEqual(['PORT', 'LOG_LEVEL', 'NATS_URL']);
    }
  });
});
