/** Prints steps with elapsed time: a live line on a terminal, start and end lines elsewhere. */
export interface Progress {
  /** Runs one step under a title; parallel steps share the live line. Rethrows the step's error. */
  step<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T>;
  /** A line of its own. */
  line(text: string): void;
  /** Time since the start, e.g. `12.3 s` or `2 min 05 s`. */
  elapsed(): string;
}

export function createProgress(stream?: NodeJS.WriteStream): Progress;

export function formatDuration(ms: number): string;
