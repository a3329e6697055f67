import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeInstallKey, openEnvelope, sealEnvelope } from './envelope.ts';

describe('envelope', () => {
  const key = makeInstallKey(randomBytes(32));

  it('opens what it sealed, with the id of its key beside it', () => {
    const envelope = sealEnvelope(key, 'shop_bot.token', 'geheim ✓');
    expect(envelope.keyId).toMatch(/^[0-9a-f]{8}$/);
    expect(openEnvelope(key, 'shop_bot.token', envelope)).toBe('geheim ✓');
  });

  it('never seals the same text to the same bytes', () => {
    expect(sealEnvelope(key, 'a', 'x').data + sealEnvelope(key, 'a', 'x').iv).not.toBe(sealEnvelope(key, 'a', 'x').data + sealEnvelope(key, 'a', 'x').iv);
  });

  it('refuses an envelope that was moved to another place', () => {
    expect(() => openEnvelope(key, 'other_bot.token', sealEnvelope(key, 'shop_bot.token', 'x'))).toThrow('does not open');
  });

  it('refuses a changed tag, a short tag and changed data', () => {
    const envelope = sealEnvelope(key, 'a', 'hello');
    const other = sealEnvelope(key, 'a', 'hallo');
    expect(() => openEnvelope(key, 'a', { ...envelope, tag: other.tag })).toThrow('does not open');
    expect(() => openEnvelope(key, 'a', { ...envelope, tag: envelope.tag.slice(0, 8) })).toThrow('does not open');
    expect(() => openEnvelope(key, 'a', { ...envelope, data: other.data })).toThrow('does not open');
  });

  it('names the key when it is another one', () => {
    expect(() => openEnvelope(makeInstallKey(randomBytes(32)), 'a', sealEnvelope(key, 'a', 'x'))).toThrow('another key');
  });

  it('refuses keys of another length', () => {
    expect(() => makeInstallKey(randomBytes(16))).toThrow('32 bytes');
  });
});
