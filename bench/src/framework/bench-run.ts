import { appendFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '@botplane/e2e';
import { describeFigure } from './figures.ts';
import type { Figure } from './figures.ts';
import { FOREIGN_CPU_SHARE_MAX, LOAD_AVERAGE_MAX, ROUNDS, ROUNDS_QUICK, ROUND_REPEATS_MAX } from './limits.ts';
import { foreignShare, readProcessorTimes } from './processor-time.ts';
import { round } from './statistics.ts';

type Parts = Readonly<Record<string, () => Promise<unknown>>>;

/** What the rounds gave: for each part one value per round. */
export interface Measured<P extends Parts> {
  of: { readonly [part in keyof P]: readonly Awaited<ReturnType<P[part]>>[] };
  /** The most that foreign processes used of the machine in a round that counts, 0..1. */
  foreignShare: number;
}

export interface BenchRunOptions {
  name: string;
  isQuick: boolean;
  /** Processes of the bench that do not descend from this one. */
  roots?: () => readonly number[];
}

/** One run of one bench: measures in rounds, and reports figures. */
export class BenchRun {
  readonly name: string;
  /** A smaller sample against the same goals. */
  readonly isQuick: boolean;
  private readonly roots: () => readonly number[];

  constructor({ name, isQuick, roots = () => [] }: BenchRunOptions) {
    this.name = name;
    this.isQuick = isQuick;
    this.roots = roots;
    const [load = 0] = loadavg();
    if (load > LOAD_AVERAGE_MAX) console.log(`bench ${name}: load average ${load.toFixed(2)} at the start is above ${LOAD_AVERAGE_MAX}: is the machine idle?`);
  }

  get rounds(): number {
    return this.isQuick ? ROUNDS_QUICK : ROUNDS;
  }

  /**
   * Measures all parts in each round, one after the other, in turn forwards and backwards. A round in which foreign processes used more
   * than FOREIGN_CPU_SHARE_MAX of the machine is measured again, at most ROUND_REPEATS_MAX times; then the least disturbed one counts.
   * `warmUps`: rounds before that count for nothing, for what was just born.
   */
  async measure<P extends Parts>(parts: P, { warmUps = 0 }: { warmUps?: number } = {}): Promise<Measured<P>> {
    for (let n = 0; n < warmUps; n++) await measureOnce(parts, false);
    const rounds: { values: Record<string, unknown>; foreign: number }[] = [];
    for (let n = 0; n < this.rounds; n++) rounds.push(await this.undisturbed(n, () => measureOnce(parts, n % 2 === 1)));
    const of: Readonly<Record<string, unknown>> = Object.fromEntries(Object.keys(parts).map((name) => [name, rounds.map(({ values }) => values[name])]));
    return { of: of as Measured<P>['of'], foreignShare: Math.max(...rounds.map(({ foreign }) => foreign)) };
  }

  /** Prints the rows and appends them to bench/results.jsonl; true when all goals are met. */
  report(...figures: readonly Figure[]): boolean {
    return figures.map((figure) => this.reportOne(figure)).every(Boolean);
  }

  private async undisturbed<T>(n: number, measureRound: () => Promise<T>): Promise<{ values: T; foreign: number }> {
    let best: { values: T; foreign: number } | undefined;
    for (let repeats = 0; ; repeats++) {
      const before = readProcessorTimes(this.roots());
      const values = await measureRound();
      const foreign = foreignShare(before, readProcessorTimes(this.roots()));
      if (!best || foreign < best.foreign) best = { values, foreign };
      if (best.foreign <= FOREIGN_CPU_SHARE_MAX || repeats === ROUND_REPEATS_MAX) return best;
      console.log(`bench ${this.name}: other processes used ${(foreign * 100).toFixed(0)} % of the machine in round ${n + 1}: measured again`);
    }
  }

  private reportOne(figure: Figure): boolean {
    const { isMet, row, spread } = describeFigure(figure, FOREIGN_CPU_SHARE_MAX);
    if (spread !== undefined) console.log(`rounds of ${figure.figure}: ${spread}`);
    console.log(`bench ${this.name}/${figure.figure}: ${row}`);
    const { foreignShare: foreign = 0, ...rest } = figure;
    appendFileSync(join(ROOT, 'bench/results.jsonl'), `${JSON.stringify({ time: new Date().toISOString(), bench: this.name, isQuick: this.isQuick, isMet, foreignShare: round(foreign), ...rest })}\n`);
    return isMet;
  }
}

async function measureOnce(parts: Parts, isBackwards: boolean): Promise<Record<string, unknown>> {
  const entries = Object.entries(parts);
  const values: Record<string, unknown> = {};
  for (const [name, measurePart] of isBackwards ? entries.toReversed() : entries) values[name] = await measurePart();
  return values;
}
