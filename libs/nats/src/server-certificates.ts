import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { NatsConnection } from '@nats-io/transport-node';
import type { NatsTls } from './connect.ts';
import { LIMITS } from './limits.ts';

/**
 * When the first of the certificates ends that the servers of a cluster show to new connections, in seconds since 1970. Asked of the servers: they
 * read their files only when they are told, so a renewed file says nothing of them, nor does a connection that stands. Some may be
 * away, or advertised under an address that is not reached from here: they are left out, and it rejects only when none answers.
 */
export async function serverCertificatesEnd(connection: NatsConnection, tls: NatsTls): Promise<number> {
  const members = connection.info?.connect_urls ?? [];
  const asked = await Promise.allSettled((members.length > 0 ? members : [connection.getServer()]).map((address) => endOfShown(address, tls)));
  const ends = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  if (ends.length === 0) throw new AggregateError(asked.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : [])), 'no server of NATS shows its certificate');
  return Math.min(...ends);
}

async function endOfShown(address: string, { client }: NatsTls): Promise<number> {
  const signal = AbortSignal.timeout(LIMITS.requestTimeoutMs);
  const { hostname, port } = new URL(`nats://${address}`);
  const socket = connectPlain({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
  try {
    await greeting(socket, signal);
    // Nothing is said to whoever this is: a certificate that has ended already is to be seen, too.
    const secure = connectTls({ socket, secureContext: ownCertificate(client), rejectUnauthorized: false });
    secure.on('error', () => undefined); // Those that matter reject below.
    await once(secure, 'secureConnect', { signal });
    const end = Date.parse(secure.getPeerCertificate().valid_to);
    if (Number.isNaN(end)) throw new Error(`${address} shows no certificate`);
    return end / 1_000;
  } finally {
    socket.destroy();
  }
}

/** TLS 1.3 shows the server's certificate before it asks for ours: without one that can be read the end is told all the same. */
function ownCertificate(client: NatsTls['client']): SecureContext {
  try {
    return createSecureContext(client && { cert: readFileSync(client.certFile), key: readFileSync(client.keyFile) });
  } catch {
    return createSecureContext();
  }
}

/** NATS greets in plain text, one line; TLS begins after it. */
async function greeting(socket: Socket, signal: AbortSignal): Promise<void> {
  for (let last = ''; !last.endsWith('\n');) last = String(((await once(socket, 'data', { signal })) as [Buffer])[0]);
}
