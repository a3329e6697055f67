import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '@botplane/domain';

/** What a key may be allowed to do. */
export const SCOPES = ['dlq:read', 'dlq:write', 'keys:admin', 'campaigns:read', 'campaigns:write', 'messages:read', 'messages:erase', 'audit:read'] as const;
export type Scope = (typeof SCOPES)[number];

/** Id of the install's own key, which comes from a file and is in no table. */
export const INSTALL_KEY_ACTOR = 'install';

/** A stored key: all but the secret. */
export interface ApiKeyRecord {
  id: string;
  name: string;
  /** SHA-256 (hex) of the whole key text. */
  hash: string;
  scopes: Scope[];
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

/** Who a request comes from. */
export interface Caller {
  keyId: string;
  scopes: readonly Scope[];
}

const KEY_TEXT = /^bp_([0-9a-z]{16})_([A-Za-z0-9_-]{43,128})$/;
const ID_ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Makes a key text `bp_<id>_<secret>` with 256 random bits. */
export function makeKeyText(): { id: string; text: string } {
  const id = Array.from(randomBytes(16), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('');
  return { id, text: `bp_${id}_${randomBytes(32).toString('base64url')}` };
}

/** The id inside a key text; undefined when it is not one. */
export function keyIdOf(text: string): string | undefined {
  return KEY_TEXT.exec(text)?.[1];
}

/** The secrets have 256 random bits, so a plain hash is as good as a slow one. */
export const hashKey = (text: string): string => sha256Hex(text);

/** Compares in constant time. */
export function hashesMatch(stored: string, given: string): boolean {
  const [left, right] = [Buffer.from(stored), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export type KeyState = 'active' | 'revoked' | 'expired';

/** Whether a key may be used now. */
export function keyState(key: Pick<ApiKeyRecord, 'expiresAt' | 'revokedAt'>, nowMs: number): KeyState {
  if (key.revokedAt !== null) return 'revoked';
  return key.expiresAt !== null && key.expiresAt.getTime() <= nowMs ? 'expired' : 'active';
}
