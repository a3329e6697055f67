import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, makeTempFolder, removeTempFolder, startNats, startS3 } from '@botplane/testing';
import type { Cluster } from './cluster.ts';
import { NAMESPACE, ROOT } from './helm.ts';

export interface RunningOperator {
  /** Everything it logged. */
  output(): string;
  stop(): Promise<void>;
}

/** The built operator with the rights of a token, on a NATS and an S3 of its own. */
export async function startOperatorAs(cluster: Cluster, token: string): Promise<RunningOperator> {
  const [nats, s3] = await Promise.all([startNats(), startS3()]);
  const folder = makeTempFolder('operator');
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const kubeconfig = readFileSync(cluster.kubeconfig, 'utf8').replace(/\{token: [^}]*\}/, `{token: ${token}}`);
  const env = {
    HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info', KUBECONFIG: file('kubeconfig', kubeconfig), BOTPLANE_NAMESPACE: NAMESPACE, BOTPLANE_RUNTIME_IMAGE: 'botplane/runtime:test',
    BOTPLANE_WEBHOOK_URL: 'https://bots.example.com', BOTPLANE_TELEGRAM_API: 'http://127.0.0.1:9', BOTPLANE_ADMISSION_PORT: String(await freePort()), NATS_URL: nats.url,
    S3_ENDPOINT: s3.endpoint, S3_ACCESS_KEY: s3.accessKey, S3_SECRET_KEY: s3.secretKey, S3_BUCKET: s3.bucket,
    BOTPLANE_TOKEN_KEY_FILE: file('token-key', randomBytes(32).toString('base64')), BOTPLANE_SECRETS_KEY_FILE: file('secrets-key', randomBytes(32).toString('base64')),
  };
  const child = spawn(process.execPath, [join(ROOT, 'operator/dist/main.js')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return {
    output: () => Buffer.concat(chunks).toString(),
    stop: async () => {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await Promise.all([nats.stop(), s3.stop()]);
      removeTempFolder(folder);
    },
  };
}
