import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readInstallKeyHash } from './config.ts';
import { hashKey, makeKeyText } from './domain/api-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'botplane-api-config-'));
const file = join(folder, 'key');
afterEach(() => rmSync(file, { force: true }));

describe('readInstallKeyHash', () => {
  it('[W2] takes the key with or without a line end, and none without a file', () => {
    const { text } = makeKeyText();
    writeFileSync(file, `${text}\n`);
    expect(readInstallKeyHash(file)).toBe(hashKey(text));
    expect(readInstallKeyHash(undefined)).toBeUndefined();
  });

  it('[W2] refuses a weak or missing key and does not print it', () => {
    expect(() => readInstallKeyHash(file)).toThrow('no such file');
    writeFileSync(file, 'bp_admin_hunter2');
    expect(() => readInstallKeyHash(file)).toThrow(/must hold bp_/);
    expect(() => readInstallKeyHash(file)).not.toThrow(/hunter2/);
  });
});
