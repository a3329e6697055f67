import { LRUCache } from 'lru-cache';
import { revisionKey } from '../domain/call.ts';
import type { Revision } from '../domain/call.ts';

/** What Load brings. */
export interface LoadInput {
  readonly botId: string;
  readonly revHash: string;
  readonly sha256: string;
  readonly code: Buffer;
  readonly memoryMiB: number;
  readonly cpuMs: number;
}

/** The code of loaded revisions, bounded in bytes; the least recently used goes first and is loaded again when it is asked for. */
export class RevisionStore {
  private readonly revisions: LRUCache<string, Revision>;
  private nextIndex = 1;

  constructor(bytesMax: number, onEvicted: (revision: Revision) => void) {
    this.revisions = new LRUCache<string, Revision>({
      maxSize: bytesMax,
      sizeCalculation: (revision) => Math.max(1, revision.code.length),
      dispose: onEvicted,
    });
  }

  get size(): number {
    return this.revisions.size;
  }

  find(botId: string, revHash: string): Revision | undefined {
    return this.revisions.get(revisionKey(botId, revHash));
  }

  /** Makes a revision with an index of its own; not kept before `keep`. */
  make(input: LoadInput): Revision {
    const { botId, revHash, sha256, code, memoryMiB, cpuMs } = input;
    return { index: this.nextIndex++, key: revisionKey(botId, revHash), botId, code, sha256, memoryMiB, cpuMs };
  }

  keep(revision: Revision): void {
    this.revisions.set(revision.key, revision);
  }
}
