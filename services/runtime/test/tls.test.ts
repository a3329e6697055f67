import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import type { ChannelCredentials, ServiceError } from '@grpc/grpc-js';
import { loadRuntimeService, runtimeCredentials } from '@botplane/contracts/grpc';
import { parseConfig, silentLog, startService } from '@botplane/kit';
import type { RunningService } from '@botplane/kit';
import { generateAuthority, generateClientCertificate, makeTempFolder, removeTempFolder } from '@botplane/testing';
import type { KeyPair } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runtimeService } from '../src/app.module.ts';
import { runtimeSchema } from '../src/config.ts';

let folder: string;
let authority: KeyPair;
let service: RunningService;
let port: number;
const at = (name: string): string => join(folder, name);
const files = (): { caFile: string; certFile: string; keyFile: string } => ({ caFile: at('ca.crt'), certFile: at('tls.crt'), keyFile: at('tls.key') });

async function start(clientCa: string): Promise<void> {
  const definition = runtimeService(parseConfig(runtimeSchema, { HOST: '127.0.0.1', PORT: '0', GRPC_PORT: String(port), SANDBOX_HOSTS: '1', GRPC_CLIENT_CA: clientCa }));
  service = await startService({ ...definition, log: silentLog() });
  port = definition.transport.port;
}

/** As a mounted Secret changes: at once, never half. */
async function writeClient(signedBy: KeyPair): Promise<void> {
  const { cert, key } = await generateClientCertificate('executor', signedBy);
  for (const [name, content] of Object.entries({ 'ca.crt': signedBy.cert, 'tls.crt': cert, 'tls.key': key })) {
    writeFileSync(at(`${name}.new`), content, { mode: 0o600 });
    renameSync(at(`${name}.new`), at(name));
  }
}

/** Asks once on a connection of its own; undefined when it was answered. */
async function ask(as: ChannelCredentials): Promise<string | undefined> {
  const client = new (loadRuntimeService())(`127.0.0.1:${port}`, as);
  try {
    return await new Promise((resolve) => client.ListQuarantined({}, { deadline: Date.now() + 20_000 }, (error: ServiceError | null) => resolve(error?.details)));
  } finally {
    client.close();
  }
}

beforeAll(async () => {
  folder = makeTempFolder('runtime-tls');
  authority = await generateAuthority('first');
  await writeClient(authority);
  port = 0;
  await start(authority.cert);
});
afterAll(async () => {
  await service?.close();
  removeTempFolder(folder);
});

describe('a runtime pod that asks for certificates', () => {
  it('[W2] answers who shows one of its authority', async () => {
    expect(await ask(runtimeCredentials(files()))).toBeUndefined();
  });

  it('[W2] refuses plain text, no certificate, and one of another authority', async () => {
    expect(await ask(runtimeCredentials())).toBeDefined();
    expect(await ask(credentials.createSsl(null, null, null, { rejectUnauthorized: false }))).toBeDefined();
    const stranger = await generateClientCertificate('executor', await generateAuthority('another'));
    expect(await ask(credentials.createSsl(null, Buffer.from(stranger.key), Buffer.from(stranger.cert), { rejectUnauthorized: false }))).toBeDefined();
  });

  it('[W2] is reached with a new certificate by a client that was never restarted for it', async () => {
    const credentialsOfLife = runtimeCredentials({ ...files(), refreshMs: 100 });
    expect(await ask(credentialsOfLife)).toBeUndefined();
    const next = await generateAuthority('second');
    await writeClient(next);
    await service.close();
    await start(next.cert);
    await expect.poll(() => ask(credentialsOfLife)).toBeUndefined();
  });
});
