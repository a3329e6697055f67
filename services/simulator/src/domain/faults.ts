import { FAULTS_MAX } from '../limits.ts';
import { ControlError } from './control-error.ts';

export const FAULT_KINDS = ['429', '400', '401', '403', '500', 'timeout', 'reset', 'slow', 'sent_then_reset'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What shall go wrong, and for which calls; a field that is absent fits every call. */
export interface FaultRule {
  token?: string;
  method?: string;
  chatId?: number;
  kind: FaultKind;
  retryAfterS?: number;
  delayMs?: number;
  description?: string;
  /** How many calls it hits before it is gone. */
  count: number;
}

export interface Fault extends FaultRule {
  readonly id: string;
}

export interface FaultTarget {
  token: string;
  method: string;
  chatId: number | null;
}

/** The faults that wait to happen, oldest first. */
export class FaultBook {
  private readonly faults: Fault[] = [];
  private nextId = 1;

  add(rule: FaultRule): Fault {
    if (this.faults.length >= FAULTS_MAX) {
      throw new ControlError(409, `faults: ${FAULTS_MAX} are waiting already; remove some with DELETE /_sim/faults/<id>`);
    }
    const fault: Fault = { ...rule, id: String(this.nextId++) };
    this.faults.push(fault);
    return fault;
  }

  /** The oldest fault that fits, which is used up by one. */
  take(target: FaultTarget): Fault | null {
    if (this.faults.length === 0) return null;
    const index = this.faults.findIndex((fault) => fits(fault, target));
    const fault = this.faults[index];
    if (fault === undefined) return null;
    fault.count -= 1;
    if (fault.count <= 0) this.faults.splice(index, 1);
    return { ...fault };
  }

  remove(id: string): boolean {
    const index = this.faults.findIndex((fault) => fault.id === id);
    if (index < 0) return false;
    this.faults.splice(index, 1);
    return true;
  }

  /** Removes the faults of one bot, or all of them. */
  clear(token?: string): void {
    for (let i = this.faults.length - 1; i >= 0; i--) {
      if (token === undefined || this.faults[i]?.token === token) this.faults.splice(i, 1);
    }
  }

  list(): readonly Fault[] {
    return this.faults;
  }
}

function fits(fault: Fault, target: FaultTarget): boolean {
  if (fault.token !== undefined && fault.token !== target.token) return false;
  if (fault.method !== undefined && fault.method.toLowerCase() !== target.method.toLowerCase()) return false;
  return fault.chatId === undefined || fault.chatId === target.chatId;
}
