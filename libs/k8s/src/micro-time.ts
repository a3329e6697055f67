/** metav1.MicroTime, as Leases and Events need it: six digits after the second, a Date's own JSON is refused. */
export function microTime(atMs: number = Date.now()): string {
  return new Date(atMs).toISOString().replace(/(\.\d{3})Z$/, '$1000Z');
}

/** Milliseconds of a metav1.MicroTime or metav1.Time. */
export function parseMicroTime(time: string): number {
  return Date.parse(time);
}
