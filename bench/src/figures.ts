import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@botplane/e2e';

/** One printed row. `reference` of an absolute figure is printed beside it and does not decide. */
export type Figure =
  | { kind: 'absolute'; figure: string; value: number; unit: string; limit: number; reference?: { what: string; value: number } }
  | { kind: 'ratio'; figure: string; ours: number; reference: number; goal: { min: number } | { max: number } };

/** Prints a row in the form that scripts rely on and appends it to bench/results.jsonl; true when the goal is met. */
export function reportFigure(bench: string, figure: Figure): boolean {
  const { isMet, row } = describeFigure(figure);
  console.log(`bench ${bench}/${figure.figure}: ${row} ${isMet ? 'ok' : 'short'}`);
  appendFileSync(join(ROOT, 'bench/results.jsonl'), `${JSON.stringify({ time: new Date().toISOString(), bench, isMet, ...figure })}\n`);
  return isMet;
}

function describeFigure(figure: Figure): { isMet: boolean; row: string } {
  if (figure.kind === 'absolute') {
    const beside = figure.reference ? ` (${figure.reference.what}: ${round(figure.reference.value)}${figure.unit})` : '';
    return { isMet: figure.value <= figure.limit, row: `abs=${round(figure.value)}${figure.unit}${beside} limit<=${figure.limit}${figure.unit}` };
  }
  const ratio = figure.ours / figure.reference;
  const isMet = 'min' in figure.goal ? ratio >= figure.goal.min : ratio <= figure.goal.max;
  const goal = 'min' in figure.goal ? `goal>=${figure.goal.min}` : `goal<=${figure.goal.max}`;
  return { isMet, row: `ours=${round(figure.ours)} reference=${round(figure.reference)} ratio=${round(ratio)} ${goal}` };
}

/** The value below which `share` (0..1) of the samples lie; nearest rank. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

const round = (value: number): number => Number(value.toPrecision(4));
