import { LIMITS } from './limits.ts';

/** Takes one line for people. */
export type Say = (line: string) => void;

/** Says how far a long step is, but not more often than people can read. */
export class Progress {
  private lastMs = performance.now();

  constructor(
    private readonly say: Say,
    private readonly what: string,
  ) {}

  /** `text` such as `120 MiB`. */
  at(text: string): void {
    const nowMs = performance.now();
    if (nowMs - this.lastMs < LIMITS.progressMs) return;
    this.lastMs = nowMs;
    this.say(`  ${this.what}: ${text} …`);
  }
}

/** Bytes as people read them: `12.3 MiB`. */
export function readableBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${units[power]}`;
}
