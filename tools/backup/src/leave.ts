import { LIMITS } from './limits.ts';

/** Ends the process with a code once its output is written. A server that fell silent may have left a connection open, which would keep the process for ever. */
export function leave(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => setTimeout(() => process.exit(), LIMITS.leaveMs).unref());
}
