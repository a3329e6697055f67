import { median, round } from './statistics.ts';

export type Goal = { min: number } | { max: number };

/** One printed row. Values are one per round; what counts is their median. */
export type Figure = {
  figure: string;
  /** Above this share of foreign processor time the row says so; from `Measured`. */
  foreignShare?: number;
} & (
  | { kind: 'ratio'; ours: readonly number[]; reference: readonly number[]; goal: Goal }
  /** `reference` is printed beside it and does not decide. */
  | { kind: 'absolute'; values: readonly number[]; unit: string; limit: Goal; reference?: { what: string; value: number } }
);

export interface FigureRow {
  isMet: boolean;
  /** In the form that scripts rely on. */
  row: string;
  /** Lowest and highest round; undefined when there was one round only. */
  spread: string | undefined;
}

/** Judges a figure. `foreignShareMax`: what a row may have without a word. */
export function describeFigure(figure: Figure, foreignShareMax: number): FigureRow {
  const { isMet, row, goal, spread } = figure.kind === 'ratio' ? describeRatio(figure) : describeAbsolute(figure);
  const foreign = (figure.foreignShare ?? 0) > foreignShareMax ? ` foreign_cpu=${((figure.foreignShare ?? 0) * 100).toFixed(0)}%` : '';
  return { isMet, row: `${row}${foreign} ${goal} ${isMet ? 'ok' : 'short'}`, spread };
}

interface Described {
  isMet: boolean;
  row: string;
  goal: string;
  spread: string | undefined;
}

function describeRatio({ ours, reference, goal }: Figure & { kind: 'ratio' }): Described {
  const ratio = median(ours) / median(reference);
  const ratios = ours.map((value, at) => value / (reference[at] ?? Number.NaN));
  return {
    isMet: meets(ratio, goal),
    row: `ours=${round(median(ours))} reference=${round(median(reference))} ratio=${round(ratio)}`,
    goal: describeGoal('goal', goal),
    spread: ours.length < 2 ? undefined : `ours ${range(ours)}, reference ${range(reference)}, ratio ${range(ratios)}`,
  };
}

function describeAbsolute({ values, unit, limit, reference }: Figure & { kind: 'absolute' }): Described {
  const beside = reference ? ` (${reference.what}: ${round(reference.value)}${unit})` : '';
  return {
    isMet: meets(median(values), limit),
    row: `abs=${round(median(values))}${unit}${beside}`,
    goal: `${describeGoal('limit', limit)}${unit}`,
    spread: values.length < 2 ? undefined : `${range(values)} ${unit}`,
  };
}

const meets = (value: number, goal: Goal): boolean => ('min' in goal ? value >= goal.min : value <= goal.max);
const describeGoal = (word: string, goal: Goal): string => ('min' in goal ? `${word}>=${goal.min}` : `${word}<=${goal.max}`);
const range = (values: readonly number[]): string => `${round(Math.min(...values))}–${round(Math.max(...values))}`;
