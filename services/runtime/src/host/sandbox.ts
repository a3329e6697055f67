import { zstdDecompressSync } from 'node:zlib';
import type ivm from 'isolated-vm';
import type { Blank, Enter } from './blank.ts';
import type { Engine } from './engine.ts';

/** Code of one revision as a host keeps it. */
export interface Program {
  /** What follows the engine in bot.js, packed: the isolate has a copy of its own. */
  readonly packedCode: Buffer;
  readonly engine: Engine | undefined;
  readonly memoryMiB: number;
  readonly cpuMs: number;
  /** V8's cache, made in this process when the first isolate of the program was ended. Never taken from elsewhere: a forged one is native code. */
  cachedData?: ivm.ExternalCopy<ArrayBuffer>;
}

const FILENAME = 'bot.js';
/** The top level of bot.js builds tables and returns. */
export const EVALUATE_MS_MAX = 1_000;

/** An isolate that uses more of its memory than this makes no cache: running out of memory in there would end the host. */
const CACHE_HEAP_SHARE_MAX = 0.5;

/** One isolate with one revision in it. */
export class Sandbox {
  private readonly isolate: ivm.Isolate;
  private readonly program: Program;
  private readonly enter: Enter;

  /** Compiles and evaluates the program in a blank isolate of its engine and memory; throws what the guest throws. */
  constructor(program: Program, { isolate, context, enter }: Blank) {
    this.program = program;
    this.isolate = isolate;
    this.enter = enter;
    try {
      const { cachedData } = program;
      const startedMs = performance.now();
      this.isolate.compileScriptSync(program.engine?.snapshot ? ownCodeOf(program) : wholeCodeOf(program), { filename: FILENAME, ...(cachedData ? { cachedData } : {}) }).runSync(context, { timeout: EVALUATE_MS_MAX, release: true });
      // What the evaluation left of its time is for the check: on a starved processor a step's own time may pass before it begins.
      const leftMs = Math.ceil(EVALUATE_MS_MAX - (performance.now() - startedMs));
      this.enter.applySync(undefined, [], { timeout: Math.max(program.cpuMs, leftMs) });
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** False once V8 ended the isolate, e.g. over its memory limit. */
  get isAlive(): boolean {
    return !this.isolate.isDisposed;
  }

  /** One step; throws what the guest throws, and `Script execution timed out.` */
  run(input: string, timeoutMs: number): string {
    return this.enter.applySync(undefined, [input], { timeout: timeoutMs });
  }

  /**
   * Makes the program's cache from what this isolate has compiled so far, functions that ran included: about 2 ms, and it saves the next
   * isolate half of its start. Done when an isolate goes, because it makes the isolate's heap larger for good.
   */
  makeCache(): void {
    const { program, isolate } = this;
    // A snapshot has the engine's functions compiled, and what is the bot's own is data.
    if (program.cachedData || isolate.isDisposed || program.engine?.snapshot) return;
    const heap = isolate.getHeapStatisticsSync();
    if (heap.used_heap_size + heap.externally_allocated_size > program.memoryMiB * 1024 ** 2 * CACHE_HEAP_SHARE_MAX) return;
    // The isolate still knows the script, so this compiles nothing. The type declarations leave out what produceCachedData adds.
    const script: ivm.Script & { cachedData?: ivm.ExternalCopy<ArrayBuffer> } = isolate.compileScriptSync(wholeCodeOf(program), { filename: FILENAME, produceCachedData: true });
    if (script.cachedData) program.cachedData = script.cachedData;
  }

  dispose(): void {
    if (!this.isolate.isDisposed) this.isolate.dispose();
  }
}

const ownCodeOf = ({ packedCode }: Program): string => zstdDecompressSync(packedCode).toString('utf8');
const wholeCodeOf = (program: Program): string => (program.engine?.code ?? '') + ownCodeOf(program);
