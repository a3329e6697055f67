import ivm from 'isolated-vm';
import { BOOTSTRAP } from './bootstrap.ts';

/** Code of one revision as a host keeps it. */
export interface Program {
  readonly code: string;
  readonly memoryMiB: number;
  readonly cpuMs: number;
  /** V8's cache of the first compile in this process. Never taken from elsewhere: a forged one is native code. */
  cachedData?: ivm.ExternalCopy<ArrayBuffer>;
}

/** The top level of bot.js builds tables and returns. */
export const EVALUATE_MS_MAX = 1_000;

/** One isolate with one revision in it. */
export class Sandbox {
  private readonly isolate: ivm.Isolate;
  private readonly enter: ivm.Reference<(input?: string) => string>;

  /** Compiles and evaluates the program; throws what the guest throws. */
  constructor(program: Program) {
    // After a catastrophic error V8 cannot go on in this process: the host ends and is told apart from an overrun.
    this.isolate = new ivm.Isolate({ memoryLimit: program.memoryMiB, onCatastrophicError: () => process.abort() });
    try {
      const context = this.isolate.createContextSync();
      this.enter = context.evalSync(BOOTSTRAP, { reference: true }) as ivm.Reference<(input?: string) => string>;
      compile(this.isolate, program).runSync(context, { timeout: EVALUATE_MS_MAX, release: true });
      this.enter.applySync(undefined, [], { timeout: program.cpuMs });
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

  dispose(): void {
    if (!this.isolate.isDisposed) this.isolate.dispose();
  }
}

function compile(isolate: ivm.Isolate, program: Program): ivm.Script {
  if (program.cachedData) return isolate.compileScriptSync(program.code, { filename: 'bot.js', cachedData: program.cachedData });
  // The type declarations leave out what produceCachedData adds.
  const script: ivm.Script & { cachedData?: ivm.ExternalCopy<ArrayBuffer> } = isolate.compileScriptSync(program.code, { filename: 'bot.js', produceCachedData: true });
  if (script.cachedData) program.cachedData = script.cachedData;
  return script;
}
