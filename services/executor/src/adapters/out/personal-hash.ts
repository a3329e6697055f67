import { createHmac, hkdfSync } from 'node:crypto';
import type { InstallKey } from '@botplane/kit';

const HASH_CHARS = 16;

/**
 * Hashes personal values under a key of their own, made from the install's: who reads the kept messages cannot try phone numbers
 * until one fits. Another install key gives other hashes.
 */
export function personalHash(key: InstallKey): (botId: string, value: string) => string {
  const derived = Buffer.from(hkdfSync('sha256', key.bytes, '', 'botplane personal values', 32));
  return (botId, value) => createHmac('sha256', derived).update(`${botId}\0${value}`).digest('hex').slice(0, HASH_CHARS);
}
