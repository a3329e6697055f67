// Writes src/generated and docs/botspec from src/schema. `--check` writes nothing and fails when the committed files differ.
// Run: node --conditions=@botplane/source libs/botspec/scripts/generate.ts
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { botSpecJsonSchema } from '../src/schema/json-schema.ts';
import { renderDocs } from '../src/docs/render-docs.ts';
import { typesSource } from '../src/schema/types-source.ts';

const folder = fileURLToPath(new URL('../src/generated/', import.meta.url));
const files = { 'bot-spec.ts': typesSource(), 'botspec.schema.json': `${JSON.stringify(botSpecJsonSchema(), null, 2)}\n` };

const docs = fileURLToPath(new URL('../../../docs/botspec/', import.meta.url));

const check = process.argv.includes('--check');
for (const target of [folder, docs]) mkdirSync(target, { recursive: true });
const targets = [...Object.entries(files).map(([name, content]) => [`${folder}${name}`, content] as const), ...Object.entries(renderDocs()).map(([name, content]) => [`${docs}${name}`, content] as const)];
for (const [path, content] of targets) {
  if (!check) writeFileSync(path, content);
  else if (readFileSync(path, 'utf8') !== content) {
    process.stderr.write(`${path} differs from its source: run scripts/generate.ts\n`);
    process.exitCode = 1;
  }
}
