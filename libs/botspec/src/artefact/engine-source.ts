import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Hex } from '@botplane/domain';
import { buildSync } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { rehearsal } from './rehearsal.ts';

export interface EngineSource {
  code: string;
  sha256: string;
}

let loaded: EngineSource | undefined;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULE_FOLDERS = ['engine', 'program', 'schema', 'compile', 'artefact'];

/**
 * The engine as one script. Built packages carry it as dist/engine.js; without it, or when it is older than its modules, it is bundled
 * on first use (about 100 ms), which gives the same bytes.
 */
export function engineSource(): EngineSource {
  if (loaded) return loaded;
  const built = join(ROOT, 'engine.js');
  const code = isFresh(built) ? readFileSync(built, 'utf8') : bundleEngine();
  loaded = { code, sha256: sha256Hex(code) };
  return loaded;
}

function isFresh(built: string): boolean {
  if (!existsSync(built)) return false;
  const builtMs = statSync(built).mtimeMs;
  return MODULE_FOLDERS.every((folder) => readdirSync(join(ROOT, folder)).every((file) => statSync(join(ROOT, folder, file)).mtimeMs <= builtMs));
}

/** Bundles src/engine with its dependencies: no platform, no names of this machine, the same bytes for the same sources. */
export function bundleEngine(): string {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const library = bundle({ stdin: { contents: "export { RE2JS } from 're2js';", resolveDir: ROOT }, globalName: 're2js' });
  const engine = bundle({
    entryPoints: [join(ROOT, 'engine', `main.${ending}`)],
    alias: { re2js: join(ROOT, 'artefact', `lazy-re2js.${ending}`) },
    define: { REHEARSAL: JSON.stringify(JSON.stringify(rehearsal())) },
  });
  return `(()=>{const loadRe2js=()=>{${library}return re2js};${engine}})();\n`;
}

function bundle(options: BuildOptions): string {
  const result = buildSync({
    ...options,
    bundle: true,
    write: false,
    minify: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import', 'default'],
    format: 'iife',
    target: 'es2024',
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'silent',
    tsconfigRaw: {},
  });
  const code = result.outputFiles?.[0]?.text;
  if (code === undefined) throw new Error('the engine bundle is empty');
  return code;
}
