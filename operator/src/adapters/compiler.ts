import { Worker } from 'node:worker_threads';
import { COMPILER_MEMORY_MIB_MAX, COMPILER_YOUNG_MIB_MAX, COMPILE_MS_MAX } from '../limits.ts';
import type { CompileAnswer, CompileJob, TestAnswer } from './compile-protocol.ts';

interface Pending {
  resolve(answer: CompileAnswer | TestAnswer): void;
  timer: NodeJS.Timeout;
}

/** Compiles in a thread of its own, one job after the other, so that a large spec never holds up watches and health checks. */
export class Compiler {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private closed = false;

  /** Never rejects for what the spec holds; a compile that takes too long, or ends its thread, answers `broken`. */
  compile(job: Omit<CompileJob, 'testsOnly'>): Promise<CompileAnswer> {
    return this.run(job) as Promise<CompileAnswer>;
  }

  /** Runs the `tests` of a spec instead, within the same bounds. */
  test(job: Omit<CompileJob, 'testsOnly'>): Promise<TestAnswer> {
    return this.run({ ...job, testsOnly: true }) as Promise<TestAnswer>;
  }

  private run(job: CompileJob): Promise<CompileAnswer | TestAnswer> {
    if (this.closed) throw new Error('compiler is closed');
    const id = this.nextId++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => void this.replace(`the compiler did not finish within ${COMPILE_MS_MAX / 1_000} s`), COMPILE_MS_MAX);
      this.pending.set(id, { resolve, timer });
      this.thread().postMessage({ id, job });
    });
  }

  /** Starts the thread, so that the first compile need not wait for it. */
  warmUp(): void {
    this.thread();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.replace('the operator is shutting down');
  }

  private thread(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(new URL('./compile-worker.js', import.meta.url), { name: 'compiler', resourceLimits: { maxOldGenerationSizeMb: COMPILER_MEMORY_MIB_MAX, maxYoungGenerationSizeMb: COMPILER_YOUNG_MIB_MAX } });
    worker.on('message', ({ id, answer }: { id: number; answer: CompileAnswer | TestAnswer }) => this.settle(id, answer));
    worker.on('error', (error: Error) => void this.replace(`the compiler failed: ${error.message}`));
    worker.unref();
    this.worker = worker;
    return worker;
  }

  private settle(id: number, answer: CompileAnswer | TestAnswer): void {
    const job = this.pending.get(id);
    if (!job) return;
    clearTimeout(job.timer);
    this.pending.delete(id);
    job.resolve(answer);
  }

  /** Ends the thread; whatever it had in hand is answered, and the next job gets a new thread. */
  private async replace(message: string): Promise<void> {
    const worker = this.worker;
    this.worker = undefined;
    for (const id of [...this.pending.keys()]) this.settle(id, { kind: 'broken', message });
    await worker?.terminate();
  }
}
