import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { canonicalJson, sha256Hex } from '@botplane/domain';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { buildArtefacts, compileBotSpec, engineSource, parseBundledSpec } from '../src/index.ts';

const EXAMPLES = new URL('../../../examples/', import.meta.url);
const HEADER = '# SHA-256 of what the examples compile to, and of the engine. `vitest -u` writes this: a difference without a change of the compiler, the engine,\n# esbuild or an example means that compiling depends on the machine.\n';

function hashesOf(name: string): object {
  const parsed = parseBundledSpec(readFileSync(new URL(`${name}/bot.yaml`, EXAMPLES), 'utf8'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const spec = parsed.value;
  const compiled = compileBotSpec(spec);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  const { files } = buildArtefacts({ botId: `default_${name}`, spec, compiled, limits: { memoryMiB: 0, cpuMs: 0 }, secretNames: [] });
  return { program: sha256Hex(canonicalJson(compiled.program)), 'spec.json': sha256Hex(files['spec.json']), 'bot.js': sha256Hex(files['bot.js']) };
}

it('[P2] the examples compile to the same bytes on every machine', async () => {
  // What a machine may have of its own.
  process.env['TZ'] = 'Pacific/Chatham';
  process.env['LC_ALL'] = 'tr_TR.UTF-8';
  const names = readdirSync(EXAMPLES).filter((name) => existsSync(new URL(`${name}/bot.yaml`, EXAMPLES))).sort();
  const hashes = { engine: engineSource().sha256, ...Object.fromEntries(names.map((name) => [name, hashesOf(name)])) };
  await expect(HEADER + stringify(hashes)).toMatchFileSnapshot(fileURLToPath(new URL('golden.yaml', import.meta.url)));
});
