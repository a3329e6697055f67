import type { BundleFile } from '@botplane/botspec';
import { sha256Hex } from '@botplane/domain';
import type { Io } from './io.ts';

/** The files beside a spec; each is read when the spec names it. */
export class FolderFiles {
  readonly #folder: string;
  readonly #io: Io;

  constructor(folder: string, io: Io) {
    this.#folder = folder;
    this.#io = io;
  }

  get(path: string): BundleFile | undefined {
    const content = this.#io.readBelow(this.#folder, path);
    return content && { sha256: sha256Hex(content), bytes: content.length };
  }

  keys(): MapIterator<string> {
    return new Set(this.#io.listBelow(this.#folder)).values();
  }
}
