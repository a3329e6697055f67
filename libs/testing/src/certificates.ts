import selfsigned from 'selfsigned';

type SelfsignedOptions = NonNullable<Parameters<typeof selfsigned.generate>[1]>;
/** X.509 extensions as the `selfsigned` package takes them. */
export type CertificateExtension = NonNullable<SelfsignedOptions['extensions']>[number];

/** A certificate and its private key, PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const VALID_DAYS = 3_650;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** A P-256 certificate valid for ten years, signed by `authority` or by itself. */
export async function generate(
  commonName: string,
  extensions: CertificateExtension[],
  authority?: KeyPair,
  days = VALID_DAYS,
): Promise<KeyPair> {
  const now = Date.now();
  const result = await selfsigned.generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY_MS), // A laptop's clock may be set back a little.
    notAfterDate: new Date(now + days * DAY_MS),
    extensions,
    ...(authority ? { ca: authority } : {}),
  });
  return { cert: result.cert, key: result.private };
}

/** Extensions of a certificate that shows who a server or a client is. */
export function leafExtensions(use: 'serverAuth' | 'clientAuth'): CertificateExtension[] {
  return [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', [use]: true },
  ];
}

/** An authority that signs the others. */
export function generateAuthority(commonName: string): Promise<KeyPair> {
  return generate(commonName, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
  ]);
}

/** A certificate by which a client shows who it is. */
export function generateClientCertificate(commonName: string, authority: KeyPair, days?: number): Promise<KeyPair> {
  return generate(commonName, leafExtensions('clientAuth'), authority, days);
}

/** A server certificate for these DNS names and addresses. */
export function generateServerCertificate(
  commonName: string,
  authority: KeyPair,
  names: readonly string[],
  addresses: readonly string[],
  days?: number,
): Promise<KeyPair> {
  const altNames = [
    ...names.map((value) => ({ type: 2 as const, value })),
    ...addresses.map((ip) => ({ type: 7 as const, ip })),
  ];
  return generate(commonName, [...leafExtensions('serverAuth'), { name: 'subjectAltName', altNames }], authority, days);
}
