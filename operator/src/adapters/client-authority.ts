import { readFileSync } from 'node:fs';
import { ConfigError } from '@botplane/kit/plain';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM file and nothing else that stands there. Throws ConfigError without any: runtime pods that get none let everybody in. */
export function readClientAuthority(path: string): string {
  const certificates = readFileSync(path, 'utf8').match(CERTIFICATE);
  if (!certificates) throw new ConfigError([`RUNTIME_CA_FILE: ${path} holds no certificate (PEM)`]);
  return `${certificates.join('\n')}\n`;
}
