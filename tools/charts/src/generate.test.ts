import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generateFiles } from './generate.ts';

const root = join(import.meta.dirname, '../../..');
const files = generateFiles(readFileSync(join(root, 'charts/botplane/README.md'), 'utf8'));

it.each(files.map((file) => [file.path, file] as const))('%s is what `make generate` writes', (path, file) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(file.text);
});

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

it('[C6] describes every value, and closes every group', () => {
  const open: string[] = [];
  const visit = (schema: Schema, path: string): void => {
    if (!schema.description?.trim().endsWith('.') && !/[`)]$/.test(schema.description?.trim() ?? '')) open.push(`${path} has no description that ends`);
    if (schema.properties && schema.additionalProperties !== false) open.push(`${path} takes anything`);
    for (const [name, child] of Object.entries(schema.properties ?? {})) visit(child, `${path}.${name}`);
  };
  for (const { path, text } of files.filter((file) => file.path.endsWith('schema.json'))) visit(JSON.parse(text) as Schema, path);
  expect(open).toEqual([]);
});
