// Writes src/generated from src/schema. `--check` writes nothing and fails when the committed files differ.
// Run: node --conditions=@botplane/source libs/botspec/scripts/generate.ts
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { botSpecJsonSchema } from '../src/schema/json-schema.ts';
import { typesSource } from '../src/schema/types-source.ts';

const folder = fileURLToPath(new URL('../src/generated/', import.meta.url));
const files = { 'bot-spec.ts': typesSource(), 'botspec.schema.json': `${JSON.stringify(botSpecJsonSchema(), null, 2)}\n` };

const check = process.argv.includes('--check');
mkdirSync(folder, { recursive: true });
for (const [name, content] of Object.entries(files)) {
  const path = `${folder}${name}`;
  if (!check) writeFileSync(path, content);
  else if (readFileSync(path, 'utf8') !== content) {
    process.stderr.write(`${name} differs from its source: run scripts/generate.ts\n`);
    process.exitCode = 1;
  }
}
