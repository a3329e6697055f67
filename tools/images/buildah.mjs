import { execFileSync } from 'node:child_process';

/** Without user namespaces and overlay mounts, so that it works inside containers and virtual machines alike. */
const env = { BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'vfs', ...process.env };

/** Runs buildah; returns the last line of its output, which is an id in most cases. */
export function buildah(...args) {
  const output = execFileSync('buildah', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 });
  return output.trim().split('\n').at(-1);
}
