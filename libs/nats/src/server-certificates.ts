import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { NatsConnection } from '@nats-io/transport-node';
import type { NatsTls } from './connect.ts';
import { LIMITS } from './limits.ts';

/**
 * When the first of the certificates ends that the servers of a cluster show to new connections, in seconds since 1970. Asked of the servers: they
 * read their files only when they are told, so a renewed file says nothing of them, nor does a connection that stands. Rejects when one does not answer.
 */
export async function serverCertificatesEnd(connection: NatsConnection, tls: NatsTls): Promise<number> {
  const members = connection.info?.connect_urls ?? [];
  const ends = await Promise.all((members.length > 0 ? members : [connection.getServer()]).map((address) => endOfShown(address, tls)));
  return Math.min(...ends);
}

async function endOfShown(address: string, { client }: NatsTls): Promise<number> {
  const signal = AbortSignal.timeout(LIMITS.requestTimeoutMs);
  const { hostname, port } = new URL(`nats://${address}`);
  const socket = connectPlain({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
  try {
    await greeting(socket, signal);
    const own = client === undefined ? {} : { cert: readFileSync(client.certFile), key: readFileSync(client.keyFile) };
    // Nothing is said to whoever this is: a certificate that has ended already is to be seen, too.
    const secure = connectTls({ socket, ...own, rejectUnauthorized: false });
    secure.on('error', () => undefined); // Those that matter reject below.
    await once(secure, 'secureConnect', { signal });
    return Date.parse(secure.getPeerCertificate().valid_to) / 1_000;
  } finally {
    socket.destroy();
  }
}

/** NATS greets in plain text, one line; TLS begins after it. */
async function greeting(socket: Socket, signal: AbortSignal): Promise<void> {
  for (let last = ''; !last.endsWith('\n');) last = String(((await once(socket, 'data', { signal })) as [Buffer])[0]);
}
