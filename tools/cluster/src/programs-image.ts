import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { run } from './command.ts';
import { ctr } from './containerd.ts';
import type { ClusterPaths } from './paths.ts';

/** Without user namespaces and overlay mounts, as `make images` works. */
const env = { BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'vfs' };

/** Makes an image of nothing but programs that need no libraries, the first of which it starts, and hands it to the node's containerd. */
export async function importPrograms(paths: ClusterPaths, image: string, programs: readonly string[]): Promise<void> {
  const folder = makeTempFolder('image');
  try {
    const archive = join(folder, 'image.tar');
    const root = join(folder, 'root');
    mkdirSync(root);
    for (const program of programs) copyFileSync(program, join(root, basename(program)));
    const container = (await run('buildah', ['from', 'scratch'], { env })).trim();
    await run('buildah', ['copy', container, root, '/'], { env });
    await run('buildah', ['config', '--entrypoint', JSON.stringify([`/${basename(programs[0] ?? '')}`]), '--user', '65535:65535', container], { env });
    await run('buildah', ['commit', '--rm', container, image], { env });
    await run('buildah', ['push', image, `oci-archive:${archive}:${image}`], { env });
    await ctr(paths, 'images', 'import', archive);
  } finally {
    removeTempFolder(folder);
  }
}
