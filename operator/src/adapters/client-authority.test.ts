import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { afterAll, expect, it } from 'vitest';
import { readClientAuthority } from './client-authority.ts';

const BLOCK = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const folder = makeTempFolder('authority');
const path = join(folder, 'ca.crt');
afterAll(() => removeTempFolder(folder));

it('[P9] gives runtime pods the certificates of the file and no text around them', () => {
  writeFileSync(path, `\nsubject=CN = old\n${BLOCK}\n\nsubject=CN = new\n${BLOCK}\n`);
  expect(readClientAuthority(path)).toBe(`${BLOCK}\n${BLOCK}\n`);
});

it('[P9] refuses a file without any, which would open the pods to everybody', () => {
  writeFileSync(path, '');
  expect(() => readClientAuthority(path)).toThrow(`RUNTIME_CA_FILE: ${path} holds no certificate`);
});
