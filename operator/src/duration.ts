const UNIT_MS = { h: 3_600_000, m: 60_000, s: 1_000 } as const;

/** Milliseconds of a time span as manifests write it (90s, 10m, 1h30m). The schema has refused everything else. */
export function durationMs(text: string): number {
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/([0-9]+)([hms])/g)) ms += Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return ms;
}
