import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { engineMark, engineRange } from '@botplane/contracts';
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
  /** bot.js, or what is behind its engine. */
  readonly code: Buffer;
  /** The engine that code leaves out; empty: code is whole. */
  readonly engineSha256: string;
  readonly memoryMiB: number;
  readonly cpuMs: number;
}

/** An engine that bots share. */
interface SharedEngine {
  readonly bytes: Buffer;
  /** Of a bot.js up to where its engine ends. */
  readonly hashed: Hash;
}

/** The code of loaded revisions, bounded in bytes; the least recently used goes first and is loaded again when it is asked for. */
export class RevisionStore {
  private readonly revisions: LRUCache<string, Revision>;
  /** Engines by their hash, so that the bots of one compiler share one copy. */
  private readonly engines = new LRUCache<string, SharedEngine>({ max: ENGINES_MAX });
  private nextIndex = 1;

  constructor(bytesMax: number, onEvicted: (revision: Revision) => void) {
    this.revisions = new LRUCache<string, Revision>({
      maxSize: bytesMax,
      // An engine that was dropped here and lives on in revisions is counted with each of them.
      sizeCalculation: ({ code, engine }) => Math.max(1, code.length + (engine && this.engineOf(engine) === undefined ? engine.length : 0)),
      dispose: onEvicted,
    });
  }

  get size(): number {
    return this.revisions.size;
  }

  find(botId: string, revHash: string): Revision | undefined {
    return this.revisions.get(revisionKey(botId, revHash));
  }

  /** Of the whole bot.js; undefined: the engine that it names is not kept here. */
  hashOf({ code, engineSha256 }: Pick<LoadInput, 'code' | 'engineSha256'>): string | undefined {
    return engineSha256 === '' ? sha256Hex(code) : this.engines.get(engineSha256)?.hashed.copy().update(code).digest('hex');
  }

  /** Makes a revision with an index of its own; not kept before `keep`. */
  make(input: LoadInput): Revision {
    const { botId, revHash, sha256, memoryMiB, cpuMs } = input;
    return { index: this.nextIndex++, key: revisionKey(botId, revHash), botId, ...this.partsOf(input), sha256, memoryMiB, cpuMs };
  }

  /** Name of an engine that is kept for all. */
  engineOf(engine: Buffer): string | undefined {
    for (const [sha256, { bytes }] of this.engines.entries()) if (bytes === engine) return sha256;
    return undefined;
  }

  keep(revision: Revision): void {
    this.revisions.set(revision.key, revision);
  }

  /** The bot's own part is copied: it came in a message with others. */
  private partsOf({ code, engineSha256 }: LoadInput): Pick<Revision, 'code' | 'engine'> {
    if (engineSha256 !== '') return { code: Buffer.from(code), engine: this.engines.get(engineSha256)?.bytes };
    const range = engineRange(code);
    return range ? { code: Buffer.from(code.subarray(range.end)), engine: this.shared(code.subarray(range.start, range.end)) } : { code, engine: undefined };
  }

  private shared(engine: Buffer): Buffer {
    const sha256 = sha256Hex(engine);
    const known = this.engines.get(sha256) ?? { bytes: Buffer.from(engine), hashed: createHash('sha256').update(engineMark(engine.length)).update(engine) };
    this.engines.set(sha256, known);
    return known.bytes;
  }
}
