import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMetrics, silentLog } from '@botplane/kit/plain';
import { connectNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { generateAuthority, generateClientCertificate, generateServerCertificate, makeTempFolder, removeTempFolder, startNats } from '@botplane/testing';
import type { KeyPair, TestNats } from '@botplane/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchCertificates } from '../src/certificates.ts';
import { certificateMetrics } from '../src/metrics.ts';

const DAY_S = 86_400;
let folder: string;
let authority: KeyPair;
let server: TestNats;
let connection: Nats['connection'];
let watch: { close(): void };
const metrics = createMetrics({ defaults: false });
const at = (name: string): string => join(folder, name);

function write(name: string, { cert, key }: KeyPair): void {
  writeFileSync(at(`${name}.crt`), cert, { mode: 0o600 });
  writeFileSync(at(`${name}.key`), key, { mode: 0o600 });
}

const writeServer = async (days: number): Promise<void> => write('nats', await generateServerCertificate('nats', authority, ['localhost'], ['127.0.0.1'], days));

/** Whole days that are left by the gauge. */
async function daysLeft(certificate: string): Promise<number | undefined> {
  const { values } = (await metrics.registry.getSingleMetric('botplane_certificate_not_after_seconds')?.get()) ?? { values: [] };
  const end = values.find(({ labels }) => labels['certificate'] === certificate)?.value;
  return end === undefined ? undefined : Math.round((end - Date.now() / 1_000) / DAY_S);
}

beforeAll(async () => {
  folder = makeTempFolder('certificates');
  authority = await generateAuthority('install');
  writeFileSync(at('ca.crt'), authority.cert);
  await writeServer(30);
  write('client', await generateClientCertificate('client', authority, 20));
  const tls = { caFile: at('ca.crt'), client: { certFile: at('client.crt'), keyFile: at('client.key') } };
  server = await startNats({ tls: { caFile: at('ca.crt'), certFile: at('nats.crt'), keyFile: at('nats.key') } });
  connection = await connectNats({ url: server.url, name: 'operator', tls });
  watch = watchCertificates({ gauge: certificateMetrics(metrics), tls, connection, log: silentLog(), everyMs: 50 });
});
afterAll(async () => {
  watch?.close();
  await connection?.close();
  await server?.stop();
  removeTempFolder(folder);
});

it('[W2] tells when the certificate of the services and that of NATS end', async () => {
  await expect.poll(() => daysLeft('client')).toBe(20);
  await expect.poll(() => daysLeft('nats')).toBe(30);
});

it('[W2] a renewed file counts for the services at once, and for NATS when NATS shows it', async () => {
  await writeServer(80);
  write('client', await generateClientCertificate('client', authority, 70));
  await expect.poll(() => daysLeft('client')).toBe(70);
  expect(await daysLeft('nats'), 'NATS was not told to read its files').toBe(30);
  await server.restart();
  await expect.poll(() => daysLeft('nats')).toBe(80);
});

it('[W2] a certificate of NATS that has ended is told of, though no service can connect any more', async () => {
  await writeServer(-0.9);
  await server.restart();
  await expect.poll(() => daysLeft('nats')).toBe(-1);
});
