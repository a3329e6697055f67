import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolPath } from '@botplane/bootstrap';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { run } from './command.ts';
import { PAUSE_IMAGE, ctr } from './containerd.ts';
import type { ClusterPaths } from './paths.ts';

/** Without user namespaces and overlay mounts, as `make images` works. */
const env = { BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'vfs' };

/** Makes the pause image and hands it to the node's containerd. */
export async function importPauseImage(paths: ClusterPaths): Promise<void> {
  const folder = makeTempFolder('pause');
  try {
    const binary = join(folder, 'pause');
    const archive = join(folder, 'pause.tar');
    copyFileSync(toolPath('pause'), binary);
    const container = (await run('buildah', ['from', 'scratch'], { env })).trim();
    await run('buildah', ['copy', container, binary, '/pause'], { env });
    await run('buildah', ['config', '--entrypoint', '["/pause"]', '--user', '65535:65535', container], { env });
    await run('buildah', ['commit', '--rm', container, PAUSE_IMAGE], { env });
    await run('buildah', ['push', PAUSE_IMAGE, `oci-archive:${archive}:${PAUSE_IMAGE}`], { env });
    await ctr(paths, 'images', 'import', archive);
  } finally {
    removeTempFolder(folder);
  }
}
