import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pod } from '@botplane/k8s';
import { MissingConfigError, type ConfigSource } from './config-source.ts';
import { specOf, type Container, type Volume } from './pod-types.ts';

/** Where a container's mounts really lie. A process has no mount namespace, so its env is rewritten instead. */
export type Mounts = ReadonlyMap<string, string>;

/** Writes the Secret, ConfigMap and emptyDir volumes of a pod below `folder`. Others are not made. */
export async function makeVolumes(pod: Pod, folder: string, source: ConfigSource): Promise<void> {
  for (const volume of specOf(pod).volumes ?? []) {
    const target = join(folder, volume.name);
    const files = await filesOf(volume, source);
    if (files) await writeFiles(target, files);
    else if (volume.emptyDir) await mkdir(target, { recursive: true, mode: 0o700 });
  }
}

/** The mount paths of a container and the folders that stand for them. */
export function mountsOf(pod: Pod, container: Container, folder: string): Mounts {
  const made = new Set((specOf(pod).volumes ?? []).filter(isMade).map(({ name }) => name));
  const mounts = (container.volumeMounts ?? []).filter(({ name }) => made.has(name));
  return new Map(mounts.map(({ name, mountPath, subPath }) => [mountPath, join(folder, name, subPath ?? '')]));
}

/** A value that is a mount path, or a path below one, becomes the real path. */
export function realPath(value: string, mounts: Mounts): string {
  for (const [mountPath, folder] of mounts) {
    if (value === mountPath) return folder;
    if (value.startsWith(`${mountPath.replace(/\/$/, '')}/`)) return join(folder, value.slice(mountPath.length));
  }
  return value;
}

/** Projected service account tokens, host paths and claims are not made. */
function isMade(volume: Volume): boolean {
  return Boolean(volume.secret ?? volume.configMap ?? volume.emptyDir);
}

async function filesOf(volume: Volume, source: ConfigSource): Promise<ReadonlyMap<string, Buffer> | undefined> {
  if (volume.secret) {
    const { secretName = '', optional = false, items } = volume.secret;
    return select(await source.secret(secretName, optional), items, optional);
  }
  if (volume.configMap) {
    const { name = '', optional = false, items } = volume.configMap;
    return select(await source.configMap(name, optional), items, optional);
  }
  return undefined;
}

function select(
  values: ReadonlyMap<string, Buffer>,
  items: readonly { key: string; path: string }[] | undefined,
  isOptional: boolean,
): ReadonlyMap<string, Buffer> {
  if (!items) return values;
  const selected = new Map<string, Buffer>();
  for (const { key, path } of items) {
    const value = values.get(key);
    if (value) selected.set(path, value);
    else if (!isOptional) throw new MissingConfigError(`there is no key "${key}"`);
  }
  return selected;
}

async function writeFiles(folder: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  for (const [path, content] of files) {
    const target = join(fresh, path);
    if (!target.startsWith(`${fresh}/`)) throw new Error(`the path ${path} leaves its volume`);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(target, content, { mode: 0o600 });
  }
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
}
