import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BOT_REVISION } from './bot-revision.ts';
import { BOT_RUNTIME } from './bot-runtime.ts';
import { BOT } from './bot.ts';
import { generateFiles } from './generate.ts';
import type { CrdSchema } from './schema.ts';

const root = join(import.meta.dirname, '../../..');
const CRD_BYTES_MAX = 200 * 1024;

it.each(generateFiles().map((file) => [file.path, file] as const))('%s is what `make generate` writes', (path, file) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(file.text);
});

it('keeps each CRD below 200 KB, so that kubectl apply can annotate it', () => {
  for (const { path, text } of generateFiles().filter((file) => file.path.startsWith('crds/'))) expect(Buffer.byteLength(text), path).toBeLessThan(CRD_BYTES_MAX);
});

it('[C6] describes every field of our own', () => {
  const missing: string[] = [];
  const visit = (schema: CrdSchema, path: string): void => {
    // The inside of botSpec is described by the language.
    if (path.endsWith('.botSpec')) return;
    if (!schema.description && !path.endsWith('{}')) missing.push(path);
    for (const [name, property] of Object.entries(schema.properties ?? {})) visit(property, `${path}.${name}`);
    if (schema.items?.properties) visit(schema.items, `${path}[]`);
  };
  for (const kind of [BOT, BOT_REVISION, BOT_RUNTIME]) {
    visit(kind.spec, `${kind.kind}.spec`);
    visit(kind.status, `${kind.kind}.status`);
  }
  expect(missing).toEqual([]);
});

it('has no default below botSpec, so that inline and bundled specs hash alike', () => {
  const withDefault: string[] = [];
  const visit = (schema: CrdSchema, path: string): void => {
    if (schema.default !== undefined) withDefault.push(path);
    for (const [name, property] of Object.entries(schema.properties ?? {})) visit(property, `${path}.${name}`);
    if (schema.items) visit(schema.items, `${path}[]`);
    if (schema.additionalProperties) visit(schema.additionalProperties, `${path}{}`);
  };
  visit(BOT.spec.properties?.['botSpec'] ?? {}, 'botSpec');
  expect(withDefault).toEqual([]);
});
