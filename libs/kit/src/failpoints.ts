import { writeSync } from 'node:fs';
import { z } from 'zod';

/** When a point ends the process: at each n-th pass, or at a pass with this probability. */
export type FailpointTrigger = { everyN: number } | { probability: number };

/** Begins the line on standard error that tells a crash at a failpoint from any other; the point's name follows. */
export const FAILPOINT_MARK = 'failpoint hit: ';

const STANDARD_ERROR = 2;

/**
 * Ends the process at named points, as a crash does: SIGKILL, so no handler, flush or shutdown hook runs. Counting begins anew with
 * each start, so that a process under a supervisor meets its points again and again. Without triggers it does nothing.
 */
export class Failpoints<Name extends string> {
  private readonly passes = new Map<Name, number>();
  private readonly triggers: ReadonlyMap<string, FailpointTrigger>;
  private readonly crash: (name: string) => void;

  constructor(triggers: ReadonlyMap<string, FailpointTrigger>, crash: (name: string) => void = crashNow) {
    this.triggers = triggers;
    this.crash = crash;
  }

  /** Does not return when the point is due. */
  hit(name: Name): void {
    const trigger = this.triggers.get(name);
    if (trigger !== undefined && this.isDue(name, trigger)) this.crash(name);
  }

  private isDue(name: Name, trigger: FailpointTrigger): boolean {
    if ('probability' in trigger) return Math.random() < trigger.probability;
    const passes = (this.passes.get(name) ?? 0) + 1;
    this.passes.set(name, passes);
    return passes % trigger.everyN === 0;
  }
}

/** `BOTPLANE_FAILPOINTS`: `name:0.01` (probability) or `name:every-100`, several separated by commas. Default: none. */
export function envFailpoints(names: readonly string[]): z.ZodType<ReadonlyMap<string, FailpointTrigger>> {
  return z.string().default('').transform((text, context) => {
    const triggers = new Map<string, FailpointTrigger>();
    for (const part of text.split(',').map((item) => item.trim()).filter((item) => item !== '')) {
      const [name = '', when = ''] = part.split(':');
      const trigger = readTrigger(when);
      if (!names.includes(name)) context.addIssue({ code: 'custom', message: `'${name}' is none of ${names.join(', ')}` });
      else if (trigger === undefined) context.addIssue({ code: 'custom', message: `'${part}' must be name:probability (above 0, at most 1) or name:every-n` });
      else triggers.set(name, trigger);
    }
    return triggers;
  });
}

function readTrigger(text: string): FailpointTrigger | undefined {
  const everyN = /^every-([1-9]\d{0,8})$/.exec(text)?.[1];
  if (everyN !== undefined) return { everyN: Number(everyN) };
  const probability = /^\d(\.\d+)?$/.test(text) ? Number(text) : 0;
  return probability > 0 && probability <= 1 ? { probability } : undefined;
}

function crashNow(name: string): void {
  // Written before the end by a blocking call: nothing that is buffered survives.
  writeSync(STANDARD_ERROR, `${FAILPOINT_MARK}${name}\n`);
  process.kill(process.pid, 'SIGKILL');
}
