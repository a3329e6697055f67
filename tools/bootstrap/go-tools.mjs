import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withFileLock } from './file-lock.mjs';
import { runCommand } from './run-command.mjs';
import { CHART_TOOLS, KEDA_TOOLS, NODE_TOOLS, TOOLS, kubebuilderAsset, toolCachePath, toolRecipe } from './tool-cache.mjs';

/** Names of the tools that neither KUBEBUILDER_ASSETS nor the cache has; those of the charts, of a node and of KEDA only when asked for. */
export function missingTools({ charts = false, node = false, keda = false } = {}) {
  return Object.keys({ ...TOOLS, ...(charts ? CHART_TOOLS : {}), ...(node ? NODE_TOOLS : {}), ...(keda ? KEDA_TOOLS : {}) }).filter((name) => !kubebuilderAsset(name) && !existsSync(toolCachePath(name)));
}

/** Builds tools one after the other: one `go build` uses all cores already. */
export async function buildTools(names, progress) {
  for (const [index, name] of names.entries()) {
    await progress.step(`build ${name} [${index + 1}/${names.length}]`, (note) => buildTool(name, note));
  }
}

async function buildTool(name, note) {
  const target = toolCachePath(name);
  const lock = `${dirname(target)}.lock`;
  await withFileLock(lock, () => buildLocked(name, target, note), () => note('another run is building it'));
}

async function buildLocked(name, target, note) {
  if (existsSync(target)) return; // The run that held the lock has built it.
  note('');
  const recipe = toolRecipe(name);
  const temporary = `${target}.${process.pid}.tmp`;
  await mkdir(dirname(target), { recursive: true });
  const downloads = { count: 0 };
  try {
    await runCommand('go', ['build', '-trimpath', ...(recipe.tags ? ['-tags', recipe.tags] : []), '-ldflags', recipe.ldflags, '-o', temporary, recipe.package], {
      cwd: join(import.meta.dirname, '..', recipe.module),
      env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
      onLine: (line) => line.startsWith('go: downloading') && note(`${(downloads.count += 1)} modules downloaded`),
    });
    await rename(temporary, target); // Atomic: a path in the cache is always a complete binary.
  } finally {
    await rm(temporary, { force: true });
  }
}
