import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateAuthority, generateClientCertificate, generateServerCertificate, makeTempFolder, removeTempFolder, startNats } from '@botplane/testing';
import type { KeyPair, TestNats } from '@botplane/testing';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectNats } from '../src/index.ts';
import type { NatsTls } from '../src/index.ts';

let folder: string;
let server: TestNats;
let authority: KeyPair;
const at = (name: string): string => join(folder, name);

/** As a mounted Secret changes: at once, never half. */
function write(name: string, content: string): void {
  writeFileSync(at(`${name}.new`), content, { mode: 0o600 });
  renameSync(at(`${name}.new`), at(name));
}

async function writeServer(): Promise<void> {
  const { cert, key } = await generateServerCertificate('nats', authority, ['localhost'], ['127.0.0.1']);
  write('server.crt', cert);
  write('server.key', key);
}

async function writeClient(name: string): Promise<NatsTls> {
  const { cert, key } = await generateClientCertificate(name, authority);
  write('client.crt', cert);
  write('client.key', key);
  return { caFile: at('ca.crt'), client: { certFile: at('client.crt'), keyFile: at('client.key') } };
}

beforeAll(async () => {
  folder = makeTempFolder('nats-tls');
  authority = await generateAuthority('first');
  write('ca.crt', authority.cert);
  await writeServer();
  server = await startNats({ tls: { caFile: at('ca.crt'), certFile: at('server.crt'), keyFile: at('server.key') } });
});
afterAll(async () => {
  await server?.stop();
  removeTempFolder(folder);
});

describe('a NATS that checks certificates', () => {
  const oneTry = { maxReconnectAttempts: 0, reconnect: false, timeout: 20_000 };

  it('[W2] refuses who shows none, and who shows one of another authority', async () => {
    const tls = await writeClient('executor');
    await expect(connect({ servers: server.url, ...oneTry, tls: { caFile: tls.caFile } })).rejects.toThrow();
    await expect(connect({ servers: server.url, ...oneTry })).rejects.toThrow();
    const stranger = await generateClientCertificate('executor', await generateAuthority('another'));
    await expect(connect({ servers: server.url, ...oneTry, tls: { caFile: tls.caFile, cert: stranger.cert, key: stranger.key } })).rejects.toThrow();
  });

  it('[W2] is refused by a client that does not know its authority', async () => {
    write('other-ca.crt', (await generateAuthority('another')).cert);
    await expect(connect({ servers: server.url, ...oneTry, tls: { caFile: at('other-ca.crt'), certFile: at('client.crt'), keyFile: at('client.key') } })).rejects.toThrow();
  });

  it('[W2] lets a service go on with a new authority and certificate that it was never restarted for', async () => {
    const connection = await connectNats({ url: server.url, name: 'executor', tls: await writeClient('executor') });
    expect(connection.getServer()).toContain('127.0.0.1');
    authority = await generateAuthority('second');
    write('ca.crt', authority.cert);
    await writeServer();
    await writeClient('executor');
    await server.restart();
    await expect.poll(() => connection.rtt().then((ms) => ms >= 0, () => false)).toBe(true);
    await connection.close();
  });
});
