/** Pause before try `failures + 1`: doubles from `minMs` up to `maxMs`. */
export function backoffMs(failures: number, minMs: number, maxMs: number): number {
  return Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 20));
}
