import { LRUCache } from 'lru-cache';
import { Reserve } from './blank.ts';
import { FAILURE_MARK, MESSAGE_CHARS_MAX } from './bootstrap.ts';
import { isGuestOutput } from './guest-output.ts';
import { Status } from './protocol.ts';
import { EVALUATE_MS_MAX, Sandbox } from './sandbox.ts';
import type { Program } from './sandbox.ts';

export interface WorkerSettings {
  readonly isolatesMax: number;
  readonly idleTtlMs: number;
}

export interface Done {
  status: Status;
  /** An isolate had to be made. */
  cold: boolean;
  /** GuestOutput, or what went wrong. */
  text: string;
  /** Processor time of the step, ms; the making of an isolate is not in it. */
  cpuMs: number;
}

/** Tells the main process that the call in hand has a new budget from now on. */
export type Phase = (msMax: number) => void;

/** A step that was given less of its time than this was starved: the processor was elsewhere. */
const STARVED_SHARE = 0.8;

/** Headroom of the second try after a timeout that was not the guest's. */
const STARVED_EXTRA_MS = 300;

/** Caches made in one sweep, about 2 ms each: calls wait meanwhile. */
const CACHES_PER_SWEEP_MAX = 10;

/** The programs and isolates of one host; runs one call after the other. */
export class Worker {
  private readonly programs = new Map<number, Program>();
  private readonly sandboxes: LRUCache<number, Sandbox>;
  /** Isolates that nobody uses any more; `wantsCache`: its code may well come back. */
  private readonly ended: { sandbox: Sandbox; wantsCache: boolean }[] = [];
  private readonly reserve = new Reserve();
  private cachesLeft = 0;

  constructor(settings: WorkerSettings) {
    this.sandboxes = new LRUCache<number, Sandbox>({
      max: settings.isolatesMax,
      ttl: settings.idleTtlMs,
      updateAgeOnGet: true,
      dispose: (sandbox, _index, reason) => this.end(sandbox, reason),
    });
  }

  get live(): number {
    return this.sandboxes.size;
  }

  register(index: number, program: Program): void {
    this.programs.set(index, program);
  }

  forget(index: number): void {
    this.programs.get(index)?.cachedData?.release();
    this.programs.delete(index);
    this.sandboxes.delete(index);
  }

  /** Ends isolates that idled too long. */
  sweep(): void {
    this.cachesLeft = CACHES_PER_SWEEP_MAX;
    this.sandboxes.purgeStale();
    this.dispose();
    if (this.live === 0) this.reserve.clear();
  }

  /** Makes the revision's isolate unless it is there. */
  prepare(index: number, phase: Phase): Done {
    return this.withSandbox(index, phase, (_sandbox, cold) => ({ status: Status.Ok, cold, text: '', cpuMs: 0 }));
  }

  /** Runs one step. */
  run(index: number, input: string, phase: Phase): Done {
    return this.withSandbox(index, phase, (sandbox, cold, program) => {
      if (cold) phase(program.cpuMs); // The isolate is there: from now on only the step counts.
      const first = this.step(index, sandbox, input, program.cpuMs);
      if (first.status !== Status.Overrun || first.cpuMs >= program.cpuMs * STARVED_SHARE) return { ...first, cold };
      // The time passed but the processor was elsewhere. A step has no effects, so it can simply be done again, with more patience.
      return this.again(index, input, program, phase);
    });
  }

  /** Begins the next cold start while nobody waits for it. */
  getReady(): void {
    try {
      this.reserve.refill();
    } catch {
      // No room for it now: the next start makes its own, or says why it cannot.
    }
  }

  /** Gives back what ended isolates hold: not before the answer of the call that ended them is out. */
  dispose(): void {
    for (const { sandbox, wantsCache } of this.ended.splice(0)) {
      try {
        if (wantsCache) sandbox.makeCache();
      } catch {
        // The guest left no room for it: the next start is slower.
      }
      sandbox.dispose();
    }
  }

  /** Who was ended for lack of room or time may well come back: its code is kept compiled. */
  private end(sandbox: Sandbox, reason: LRUCache.DisposeReason): void {
    this.ended.push({ sandbox, wantsCache: reason === 'evict' || (reason === 'expire' && this.cachesLeft-- > 0) });
  }

  private again(index: number, input: string, program: Program, phase: Phase): Done {
    phase(program.cpuMs + STARVED_EXTRA_MS);
    return this.withSandbox(index, phase, (sandbox) => {
      const second = this.step(index, sandbox, input, program.cpuMs + STARVED_EXTRA_MS);
      const isStarved = second.status === Status.Overrun && second.cpuMs < program.cpuMs * STARVED_SHARE;
      return { ...second, ...(isStarved ? { status: Status.Starved } : {}), cold: true };
    });
  }

  private withSandbox(index: number, phase: Phase, use: (sandbox: Sandbox, cold: boolean, program: Program) => Done): Done {
    const program = this.programs.get(index);
    if (!program) return { status: Status.NotRegistered, cold: false, text: 'revision is not registered', cpuMs: 0 };
    const warm = this.sandboxes.get(index);
    if (warm) return use(warm, false, program);

    phase(EVALUATE_MS_MAX + program.cpuMs);
    const [before, sinceMs] = [process.threadCpuUsage(), performance.now()];
    let sandbox: Sandbox;
    try {
      sandbox = new Sandbox(program, this.reserve.take(program));
    } catch (error) {
      const cpuMs = usedMs(before);
      if (hasTimedOut(error) && performance.now() - sinceMs >= EVALUATE_MS_MAX && cpuMs < EVALUATE_MS_MAX * STARVED_SHARE) return { status: Status.Starved, cold: true, text: `bot.js was not evaluated within ${EVALUATE_MS_MAX} ms: the processor was busy`, cpuMs };
      return { status: Status.Invalid, cold: true, text: messageOf(error), cpuMs: 0 };
    }
    this.sandboxes.set(index, sandbox);
    return use(sandbox, true, program);
  }

  private step(index: number, sandbox: Sandbox, input: string, timeoutMs: number): Omit<Done, 'cold'> {
    const before = process.threadCpuUsage();
    const outcome = this.outcomeOf(index, sandbox, input, timeoutMs);
    return { ...outcome, cpuMs: usedMs(before) };
  }

  private outcomeOf(index: number, sandbox: Sandbox, input: string, timeoutMs: number): Omit<Done, 'cold' | 'cpuMs'> {
    try {
      const text = sandbox.run(input, timeoutMs);
      if (text.startsWith(FAILURE_MARK)) return { status: Status.GuestError, text: text.slice(FAILURE_MARK.length) };
      return isGuestOutput(text) ? { status: Status.Ok, text } : { status: Status.GuestError, text: 'botplane.run returned something that is no GuestOutput' };
    } catch (error) {
      const overran = hasTimedOut(error);
      // A step that was cut off may have left the isolate's globals half changed.
      if (overran || !sandbox.isAlive) this.sandboxes.delete(index);
      if (overran) return { status: Status.Overrun, text: `the step used more than ${timeoutMs} ms` };
      return { status: sandbox.isAlive ? Status.GuestError : Status.OutOfMemory, text: messageOf(error) };
    }
  }
}

/** What isolated-vm throws. */
const hasTimedOut = (error: unknown): boolean => error instanceof Error && error.message === 'Script execution timed out.';

const usedMs = (before: NodeJS.CpuUsage): number => {
  const used = process.threadCpuUsage(before);
  return (used.user + used.system) / 1_000;
};

/** The guest made the error: nothing of it is trusted to be what it seems. */
function messageOf(error: unknown): string {
  try {
    return (error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${typeof error}`).slice(0, MESSAGE_CHARS_MAX);
  } catch {
    return 'the guest threw something that cannot be read';
  }
}
