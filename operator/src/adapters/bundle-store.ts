import { bundleKey, openBundle } from '@botplane/botspec';
import type { BundleFile } from '@botplane/botspec';
import { sha256Hex } from '@botplane/domain';
import { AppError, ErrorCode } from '@botplane/kit/plain';
import type { ArtefactStore } from '@botplane/kit/artefacts';
import { BUNDLE_BYTES_MAX } from '../limits.ts';

/** A bundle in memory. */
export interface Bundle {
  /** bot.yaml. */
  specText: string;
  /** Everything else, by path. */
  files: ReadonlyMap<string, Uint8Array>;
  /** What the compiler needs to know of {@link files}. */
  facts: ReadonlyMap<string, BundleFile>;
}

/** What became of a bundle; the messages are for people. */
export type FetchedBundle = { kind: 'bundle'; bundle: Bundle } | { kind: 'missing' | 'mismatch' | 'invalid'; message: string };

/** Bundles in the object store of the install. */
export class BundleStore {
  private readonly artefacts: ArtefactStore;

  constructor(artefacts: ArtefactStore) {
    this.artefacts = artefacts;
  }

  /** Nothing in a bundle is believed before its digest is right. Throws `store.unavailable`. */
  async fetch(digest: string): Promise<FetchedBundle> {
    const key = bundleKey(digest);
    const bytes = await this.read(key);
    if ('kind' in bytes) return bytes;
    if (sha256Hex(bytes) !== digest) return { kind: 'mismatch', message: `${key} has another SHA-256 than its name says; put the bundle there again with npx botplane bundle --push` };
    const opened = openBundle(bytes);
    if (!opened.ok) return { kind: 'invalid', message: `${key} is no bundle: ${opened.problem}` };
    const facts = new Map([...opened.files].map(([path, content]) => [path, { sha256: sha256Hex(content), bytes: content.length }]));
    return { kind: 'bundle', bundle: { specText: opened.specText, files: opened.files, facts } };
  }

  private async read(key: string): Promise<Uint8Array | FetchedBundle> {
    try {
      return await this.artefacts.get(key, undefined, BUNDLE_BYTES_MAX);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === ErrorCode.ArtefactMissing) return { kind: 'missing', message: `${key} is not in the bucket of the install; npx botplane bundle --push puts it there` };
      if (error.code === ErrorCode.ArtefactCorrupt) return { kind: 'invalid', message: `${key} has more than ${BUNDLE_BYTES_MAX / 1024} KB` };
      throw error;
    }
  }
}
