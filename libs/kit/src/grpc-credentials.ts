import { ServerCredentials } from '@grpc/grpc-js';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Longer than any process lives. */
const VALID_DAYS = 3_650;

/**
 * Of a server that listens only to clients with a certificate of this authority (PEM), and holds no secret: it makes itself a key, which is in the
 * memory of this process and nowhere else. Without an authority: plain text.
 */
export async function makeServerCredentials(clientCa: string | undefined): Promise<ServerCredentials> {
  if (clientCa === undefined) return ServerCredentials.createInsecure();
  // Loaded here, since most services never need it.
  const { default: selfsigned } = await import('selfsigned');
  const now = Date.now();
  const { cert, private: key } = await selfsigned.generate([{ name: 'commonName', value: 'botplane' }], {
    keyType: 'ec', algorithm: 'sha256', notBeforeDate: new Date(now - DAY_MS), notAfterDate: new Date(now + VALID_DAYS * DAY_MS),
  });
  return ServerCredentials.createSsl(Buffer.from(clientCa), [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }], true);
}
