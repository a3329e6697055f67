import { sha256Hex } from '@botplane/domain';
import { LIMITS } from '../schema/limits.ts';
import { TarError, readTar, writeTar } from './tar.ts';

/** Name of the file in a bundle that holds the spec: a BotSpec, or a Bot whose inline spec is meant. */
export const BUNDLE_SPEC_FILE = 'bot.yaml';

/** A bundle: a tar of `bot.yaml` and the files that it names as `./path`; known by the SHA-256 of its bytes. */
export interface PackedBundle {
  bytes: Uint8Array<ArrayBuffer>;
  /** Hex; what `source.bundleRef.digest` names. */
  digest: string;
}

/** What stands in a bundle. The files share the memory of the bundle. */
export type OpenedBundle =
  | { ok: true; specText: string; files: ReadonlyMap<string, Uint8Array> }
  /** Why it is none, for people. */
  | { ok: false; problem: string };

/** Where the bundle with a digest lies in the install's bucket. */
export const bundleFolder = 'bundles/';
export const bundleKey = (digest: string): string => `${bundleFolder}${digest}.tar`;

/** Packs files by path; the same files give the same bytes everywhere. Throws for what `openBundle` would refuse. */
export function packBundle(files: ReadonlyMap<string, Uint8Array>): PackedBundle {
  const bytes = writeTar([...files].map(([path, content]) => ({ path, content })));
  const opened = openBundle(bytes);
  if (!opened.ok) throw new Error(`this is no bundle: ${opened.problem}`);
  return { bytes, digest: sha256Hex(bytes) };
}

/** Reads a bundle. Never throws, whatever the bytes are. */
export function openBundle(bytes: Uint8Array): OpenedBundle {
  if (bytes.length > LIMITS.bundleBytesMax) return { ok: false, problem: `it has ${Math.ceil(bytes.length / 1024)} KB; at most ${LIMITS.bundleBytesMax / 1024} are read` };
  try {
    return openFiles(bytes);
  } catch (error) {
    if (error instanceof TarError) return { ok: false, problem: error.message };
    throw error;
  }
}

function openFiles(bytes: Uint8Array): OpenedBundle {
  const files = new Map<string, Uint8Array>();
  for (const { path, content } of readTar(bytes, LIMITS.bundleFilesMax)) {
    if (!isPlainPath(path)) return { ok: false, problem: `\`${path}\` is not a path inside the bundle` };
    if (files.has(path)) return { ok: false, problem: `\`${path}\` stands in it twice` };
    files.set(path, content);
  }
  const spec = files.get(BUNDLE_SPEC_FILE);
  if (!spec) return { ok: false, problem: `it holds no ${BUNDLE_SPEC_FILE}` };
  files.delete(BUNDLE_SPEC_FILE);
  return { ok: true, specText: new TextDecoder().decode(spec), files };
}

/** A path below the root of a bundle: no `..`, no absolute path, nothing that another system reads otherwise. */
export function isPlainPath(path: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are what must not be there.
  return path !== '' && Buffer.byteLength(path) <= LIMITS.bundlePathBytesMax && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !/[\u0000-\u001f\u007f\\:]/.test(part));
}
