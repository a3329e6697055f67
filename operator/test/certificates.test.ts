import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMetrics, silentLog } from '@botplane/kit/plain';
import { connectNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { generateAuthority, generateClientCertificate, generateServerCertificate, makeTempFolder, removeTempFolder, startNats } from '@botplane/testing';
import type { KeyPair, TestNats } from '@botplane/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchCertificates } from '../src/certificates.ts';
import type { CertificateWatch } from '../src/certificates.ts';
import { certificateMetrics } from '../src/metrics.ts';

const DAY_S = 86_400;
let folder: string;
let authority: KeyPair;
let server: TestNats;
let connection: Nats['connection'];
let watch: { close(): void };
/** How often NATS has been asked. */
let looks = 0;
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
  const gauge = certificateMetrics(metrics);
  const counted: CertificateWatch['gauge'] = {
    set: (labels, end) => {
      gauge.set(labels, end);
      if (labels.certificate === 'nats') looks++;
    },
  };
  watch = watchCertificates({ gauge: counted, tls, connection, log: silentLog(), everyMs: 50 });
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

it('[W2] what NATS shows is told also when one of its addresses cannot be reached, and when a file of the services cannot be read', async () => {
  const ends: Record<string, number> = {};
  // A member that is away: nobody listens there.
  const info = { ...connection.info, connect_urls: ['127.0.0.1:1', connection.getServer()] };
  const other = watchCertificates({
    gauge: { set: ({ certificate }, end) => (ends[certificate] = end) }, connection: Object.create(connection, { info: { value: info } }) as Nats['connection'],
    tls: { caFile: at('ca.crt'), client: { certFile: at('client.crt'), keyFile: at('client.key') } }, log: silentLog(), everyMs: 50,
  });
  await expect.poll(() => Object.keys(ends)).toEqual(['client', 'nats']);
  other.close();
  expect(Math.round((ends['nats']! - Date.now() / 1_000) / DAY_S)).toBe(30);

  const told: string[] = [];
  writeFileSync(at('broken.crt'), '');
  const broken = watchCertificates({
    gauge: { set: ({ certificate }) => told.push(certificate) }, connection,
    tls: { caFile: at('ca.crt'), client: { certFile: at('broken.crt'), keyFile: at('client.key') } }, log: silentLog(), everyMs: 50,
  });
  await expect.poll(() => told).toContain('nats');
  broken.close();
  expect(told).not.toContain('client');
});

it('[W2] a renewed file counts for the services at once, and for NATS when NATS shows it', async () => {
  await writeServer(80);
  write('client', await generateClientCertificate('client', authority, 70));
  await expect.poll(() => daysLeft('client')).toBe(70);
  // It is asked after the file was read, so only another look or two have seen both.
  const seen = looks;
  await expect.poll(() => looks).toBeGreaterThan(seen + 2);
  expect(await daysLeft('nats'), 'NATS was not told to read its files').toBe(30);
  await server.restart();
  await expect.poll(() => daysLeft('nats')).toBe(80);
});

it('[W2] a certificate of NATS that has ended is told of, though no service can connect any more', async () => {
  await writeServer(-0.9);
  await server.restart();
  await expect.poll(() => daysLeft('nats')).toBe(-1);
});
