import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Envelope } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import { AppError, ErrorCode } from './app-error.ts';
import { INSTALL_KEY_BYTES } from './limits.ts';

/** A key of this install with the id that envelopes name. */
export interface InstallKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Makes an install key of 32 bytes; throws RangeError for another length. */
export function makeInstallKey(bytes: Uint8Array): InstallKey {
  if (bytes.length !== INSTALL_KEY_BYTES) throw new RangeError(`an install key has ${INSTALL_KEY_BYTES} bytes, not ${bytes.length}`);
  return { id: sha256Hex(bytes).slice(0, 8), bytes };
}

/** Reads an install key from a file that holds 32 bytes as base64. */
export function readInstallKey(path: string): InstallKey {
  return makeInstallKey(Buffer.from(readFileSync(path, 'utf8').trim(), 'base64'));
}

/** Seals a text with AES-256-GCM; `aad` (the KV key) binds it to its place. */
export function sealEnvelope(key: InstallKey, aad: string, plaintext: string): Envelope {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, iv).setAAD(Buffer.from(aad));
  const data = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return { v: 1, keyId: key.id, iv: iv.toString('base64'), data: data.toString('base64'), tag: cipher.getAuthTag().toString('base64') };
}

/** Opens an envelope; throws `envelope.unreadable` when the key, the place or the content is not the one it was sealed with. */
export function openEnvelope(key: InstallKey, aad: string, envelope: Envelope): string {
  if (envelope.keyId !== key.id) throw new AppError(ErrorCode.EnvelopeUnreadable, 'envelope is sealed with another key', { keyId: envelope.keyId, ownKeyId: key.id, aad });
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(envelope.iv, 'base64'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(aad)).setAuthTag(Buffer.from(envelope.tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(envelope.data, 'base64')), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new AppError(ErrorCode.EnvelopeUnreadable, 'envelope does not open', { aad }, { cause });
  }
}
