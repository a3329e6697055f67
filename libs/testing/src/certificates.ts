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
): Promise<KeyPair> {
  const now = Date.now();
  const result = await selfsigned.generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY_MS), // A laptop's clock may be set back a little.
    notAfterDate: new Date(now + VALID_DAYS * DAY_MS),
    extensions,
    ...(authority ? { ca: authority } : {}),
  });
  return { cert: result.cert, key: result.private };
}
