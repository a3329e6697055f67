import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Log } from '@botplane/kit/plain';
import { serverCertificatesEnd } from '@botplane/nats';
import type { Nats, NatsTls } from '@botplane/nats';

export interface CertificateWatch {
  readonly gauge: { set(labels: { certificate: 'client' | 'nats' }, notAfterSeconds: number): void };
  readonly tls: NatsTls;
  readonly connection: Nats['connection'];
  readonly log: Log;
  readonly everyMs: number;
}

/**
 * Tells when the certificates end on which an install with TLS hangs: that of the services (one for all, a mounted file), and what NATS shows,
 * which is not the file beside it until NATS is told to read that. When one of them ends, every service loses NATS at once.
 */
export function watchCertificates({ gauge, tls, connection, log, everyMs }: CertificateWatch): { close(): void } {
  const tell = async (certificate: 'client' | 'nats', end: () => Promise<number>): Promise<void> => {
    try {
      gauge.set({ certificate }, await end());
    } catch (err) {
      log.warn({ err, certificate }, 'it cannot be told when a certificate ends');
    }
  };
  const look = async (): Promise<void> => {
    const { client } = tls;
    if (client) await tell('client', async () => Date.parse(new X509Certificate(await readFile(client.certFile)).validTo) / 1_000);
    await tell('nats', () => serverCertificatesEnd(connection, tls));
  };
  void look();
  const timer = setInterval(() => void look(), everyMs).unref();
  return { close: () => clearInterval(timer) };
}
