import { LIMITS } from '../limits.ts';

/** Calls that hang at one API began together more often than not. If all of them were given up in one instant, everybody else would stand behind that crowd. */
const SPREAD = 0.1;

/** How long an attempt may take, in ms: what the bot says and, at random (0..1), up to a tenth more. */
export function attemptMs(timeoutMs: number, random: number): number {
  return Math.round(Math.max(1, Math.min(timeoutMs, LIMITS.apiTimeoutMsMax)) * (1 + SPREAD * random));
}

/** Pause before the attempt that follows this one (from 1), in ms: doubled each time, and at random (0..1) up to a tenth more. */
export function backoffMs(firstMs: number, attempt: number, random: number): number {
  return Math.round(Math.min(firstMs * 2 ** (attempt - 1), LIMITS.apiBackoffMsMax) * (1 + SPREAD * random));
}
