import { ArtefactStore } from '@botplane/kit/artefacts';
import { ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { startNats, startPostgres, startS3 } from '@botplane/testing';
import type { TestNats, TestPostgres, TestS3 } from '@botplane/testing';
import { Client } from 'pg';
import { vi } from 'vitest';
import { runBackupCli } from '../src/index.ts';

/** How a command line ended, and what it said. */
export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** The servers of one install. */
export class Install {
  private constructor(
    readonly broker: TestNats,
    readonly postgres: TestPostgres,
    readonly s3: TestS3,
    readonly nats: Nats,
  ) {}

  static async start(): Promise<Install> {
    const [broker, postgres, s3] = await Promise.all([startNats(), startPostgres(), startS3()]);
    return new Install(broker, postgres, s3, await openNats({ url: broker.url, name: 'test' }));
  }

  /** What services make at their first start. */
  async makeTopology(): Promise<void> {
    await ensureTopology(this.nats.jsm);
  }

  store(): ArtefactStore {
    const { endpoint, accessKey, secretKey, bucket } = this.s3;
    return new ArtefactStore({ S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket, S3_REGION: 'us-east-1' });
  }

  /** One statement; rows as text, so that nothing is lost in between. */
  async sql(text: string): Promise<unknown[]> {
    const client = new Client({ connectionString: this.postgres.url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Runs one command line against these servers. */
  async cli(...args: string[]): Promise<Ended> {
    return runCli(this.variables(), args);
  }

  /** The same, with `hear` called at each line that it says on its way. */
  async cliHeard(args: readonly string[], hear: (line: string) => void): Promise<Ended> {
    return runCli(this.variables(), args, hear);
  }

  /** Where its servers are, as commands read it. */
  variables(): Record<string, string> {
    const { endpoint, accessKey, secretKey, bucket } = this.s3;
    return { NATS_URL: this.broker.url, DATABASE_URL: this.postgres.url, S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket };
  }

  async stop(): Promise<void> {
    await this.nats.connection.close();
    await Promise.all([this.broker.stop(), this.postgres.stop(), this.s3.stop()]);
  }
}

/** Runs one command line with these variables. */
export async function runCli(variables: Readonly<Record<string, string>>, args: readonly string[], hear: (line: string) => void = () => undefined): Promise<Ended> {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const out: string[] = [];
  const err: string[] = [];
  const code = await runBackupCli(args, {
    out: (line) => out.push(line),
    err: (line) => {
      err.push(line);
      hear(line);
    },
  });
  vi.unstubAllEnvs();
  return { code, out: out.join('\n'), err: err.join('\n') };
}
