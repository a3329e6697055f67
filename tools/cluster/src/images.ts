import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgress } from '@botplane/bootstrap/progress';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { run } from './command.ts';
import { ctr } from './containerd.ts';
import { IMAGES_MS_MAX } from './limits.ts';
import type { ClusterPaths } from './paths.ts';

const IMAGES = fileURLToPath(new URL('../../images', import.meta.url));

/** Builds the images of our services, and of NATS, PostgreSQL and versitygw, and hands them to the node. */
export async function loadImages(paths: ClusterPaths): Promise<void> {
  await withArchives(true, (archive) => ctr(paths, 'images', 'import', archive));
}

/** Builds images into archives and hands each to `load`. `servers`: also those that a node without a registry needs. */
export async function withArchives(servers: boolean, load: (archive: string) => Promise<unknown>): Promise<void> {
  const progress = createProgress();
  const folder = makeTempFolder('cluster-images');
  const build = (script: string, ...args: string[]): Promise<string> => run(process.execPath, [join(IMAGES, script), ...args], { env: { IMAGE_ARCHIVES: folder }, timeoutMs: IMAGES_MS_MAX });
  try {
    await progress.step('build images of our services', () => build('main.mjs'));
    if (servers) await progress.step('build images of NATS, PostgreSQL and versitygw', () => build('server-images.mjs', folder));
    const archives = readdirSync(folder).filter((name) => name.endsWith('.tar'));
    await progress.step(`load ${archives.length} images`, async (note) => {
      for (const name of archives) {
        note(name);
        await load(join(folder, name));
      }
      note('');
    });
  } finally {
    removeTempFolder(folder);
  }
}
