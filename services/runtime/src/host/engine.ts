import { createHash } from 'node:crypto';
import ivm from 'isolated-vm';
import { LRUCache } from 'lru-cache';
import { SNAPSHOT_BOOTSTRAP } from './bootstrap.ts';

/** Engines a host knows by their text; the main process shares as many. */
const ENGINES_MAX = 8;

/** Hooks an engine may have for hosts that keep it evaluated (libs/botspec engine/main.ts). */
const PREPARE = 'globalThis.botplane?.prepare?.();';
const REHEARSE = 'globalThis.botplane?.rehearse?.();';

/** The part of bot.js that is the same in many bots. */
export class Engine {
  readonly code: string;
  private made: { snapshot: ivm.ExternalCopy<ArrayBuffer> | undefined } | undefined;

  constructor(code: string) {
    this.code = code;
  }

  /**
   * V8's snapshot of a context in which the engine was evaluated: isolates begin with it instead of compiling and evaluating. Made on first use
   * (about 50 ms) in this process, never taken from elsewhere: a forged one is native code. Undefined: V8 cannot make one of this engine.
   */
  get snapshot(): ivm.ExternalCopy<ArrayBuffer> | undefined {
    this.made ??= { snapshot: this.make() };
    return this.made.snapshot;
  }

  private make(): ivm.ExternalCopy<ArrayBuffer> | undefined {
    try {
      return ivm.Isolate.createSnapshot([{ code: SNAPSHOT_BOOTSTRAP }, { code: this.code, filename: 'engine.js' }, { code: PREPARE }], REHEARSE);
    } catch {
      return undefined; // It throws while it is evaluated: whoever tries it in an isolate of its own will see why.
    }
  }
}

/** The engines of a host: one for each text. */
export class Engines {
  private readonly byHash = new LRUCache<string, Engine>({ max: ENGINES_MAX });

  of(code: Uint8Array): Engine {
    const hash = createHash('sha256').update(code).digest('base64');
    const engine = this.byHash.get(hash) ?? new Engine(Buffer.from(code).toString('utf8'));
    this.byHash.set(hash, engine);
    return engine;
  }
}
