import { engineRange } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import { LRUCache } from 'lru-cache';
import { revisionKey } from '../domain/call.ts';
import type { Revision } from '../domain/call.ts';
import { ENGINES_MAX } from '../limits.ts';

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
  /** Engines by their hash, so that the bots of one compiler share one copy. */
  private readonly engines = new LRUCache<string, Buffer>({ max: ENGINES_MAX });
  private nextIndex = 1;

  constructor(bytesMax: number, onEvicted: (revision: Revision) => void) {
    this.revisions = new LRUCache<string, Revision>({
      maxSize: bytesMax,
      // An engine that was dropped here and lives on in revisions is counted with each of them.
      sizeCalculation: ({ code, engine }) => Math.max(1, code.length + (engine && !this.isShared(engine) ? engine.length : 0)),
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
    const range = engineRange(code);
    const own = range ? Buffer.from(code.subarray(range.end)) : code;
    const engine = range && this.shared(code.subarray(range.start, range.end));
    return { index: this.nextIndex++, key: revisionKey(botId, revHash), botId, code: own, engine, sha256, memoryMiB, cpuMs };
  }

  keep(revision: Revision): void {
    this.revisions.set(revision.key, revision);
  }

  private shared(engine: Buffer): Buffer {
    const hash = sha256Hex(engine);
    const known = this.engines.get(hash) ?? Buffer.from(engine);
    this.engines.set(hash, known);
    return known;
  }

  private isShared(engine: Buffer): boolean {
    for (const known of this.engines.values()) if (known === engine) return true;
    return false;
  }
}
