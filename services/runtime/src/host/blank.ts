import ivm from 'isolated-vm';
import { BOOTSTRAP, SNAPSHOT_RESUME } from './bootstrap.ts';
import type { Engine } from './engine.ts';

/** The one function that the host calls in an isolate: without input it looks whether there is a bot. */
export type Enter = ivm.Reference<(input?: string) => string>;

/** Isolates in reserve: two, so that bots of a new engine and of the one before it do not take turns in making them. */
const RESERVE_MAX = 2;

/** An isolate with its bootstrap and an engine, and nothing of any bot. */
export class Blank {
  readonly isolate: ivm.Isolate;
  readonly context: ivm.Context;
  readonly enter: Enter;

  constructor({ engine, memoryMiB }: BlankKind) {
    const snapshot = engine?.snapshot;
    // After a catastrophic error V8 cannot go on in this process: the host ends and is told apart from an overrun.
    this.isolate = new ivm.Isolate({ memoryLimit: memoryMiB, onCatastrophicError: () => process.abort(), ...(snapshot ? { snapshot } : {}) });
    try {
      this.context = this.isolate.createContextSync();
      this.enter = this.context.evalSync(snapshot ? SNAPSHOT_RESUME : BOOTSTRAP, { reference: true }) as Enter;
    } catch (error) {
      this.isolate.dispose();
      throw error;
    }
  }
}

/** What blank isolates differ in. */
export interface BlankKind {
  readonly engine: Engine | undefined;
  readonly memoryMiB: number;
}

/** Blank isolates in reserve, made when nobody waits: half of a cold start is done before it begins. */
export class Reserve {
  /** Of each kind one; the one that was used last is at the end. */
  private readonly kept: { kind: BlankKind; blank: Blank }[] = [];
  private missing: BlankKind | undefined;

  /** One for the caller to keep, from the reserve or new. */
  take(kind: BlankKind): Blank {
    this.missing = kind;
    const at = this.kept.findIndex(({ kind: { engine, memoryMiB } }) => engine === kind.engine && memoryMiB === kind.memoryMiB);
    return this.kept.splice(at, at < 0 ? 0 : 1)[0]?.blank ?? new Blank(kind);
  }

  /** Makes the one that was taken last anew. */
  refill(): void {
    const kind = this.missing;
    if (!kind) return;
    this.missing = undefined;
    if (this.kept.length === RESERVE_MAX) this.kept.shift()?.blank.isolate.dispose();
    this.kept.push({ kind, blank: new Blank(kind) });
  }

  clear(): void {
    for (const { blank } of this.kept.splice(0)) blank.isolate.dispose();
  }
}
