/** A dashboard as far as it is ours to say; grafana.ts makes Grafana's JSON of it. */
export interface Dashboard {
  /** Ends the uid `botplane-<slug>` and names the file. */
  readonly slug: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

/** A choice above the dashboard, filled from values of a label. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  /** `label_values(<this>, <name>)`. */
  readonly of: string;
  /** Several or all of them may be chosen; else exactly one. */
  readonly isMulti: boolean;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly title: string;
  /** What it tells and what is good. */
  readonly description: string;
  readonly kind: 'timeseries' | 'stat';
  /** Grafana's id of the unit: `s`, `reqps`, `percentunit`, `bytes`, `short`. */
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** From this value on it is a warning, or with `below` up to it; alerts use the same numbers. */
  readonly threshold?: { readonly at: number; readonly below?: boolean };
  /** Upper end of the axis, where there is one. */
  readonly max?: number;
  /** Alert whose runbook helps when this looks bad. */
  readonly alert?: string;
}

export type Unit = 's' | 'ops' | 'percentunit' | 'bytes' | 'short' | 'bool_yes_no';

export interface Query {
  /** PromQL; may use variables and `$__rate_interval`. */
  readonly expression: string;
  /** Name of each series: `{{label}}`. */
  readonly legend: string;
}

type Extra = Partial<Pick<Panel, 'threshold' | 'max' | 'alert'>>;
type Queries = Readonly<Record<string, string>>;

const queriesOf = (queries: Queries): Query[] => Object.entries(queries).map(([legend, expression]) => ({ legend, expression }));

/** Lines over time; `queries` are expressions by legend. */
export const lines = (title: string, unit: Unit, description: string, queries: Queries, extra: Extra = {}): Panel => ({ kind: 'timeseries', title, unit, description, queries: queriesOf(queries), ...extra });

/** One number per series. */
export const number = (title: string, unit: Unit, description: string, queries: Queries, extra: Extra = {}): Panel => ({ kind: 'stat', title, unit, description, queries: queriesOf(queries), ...extra });

/** What chooses the install. Runtime pools of other namespaces are chosen by theirs. */
export const NAMESPACE: Variable = { name: 'namespace', label: 'Namespace', of: 'up{job=~"botplane-.+"}', isMulti: true };

/** Selector with the chosen namespaces and further matchers. */
export const chosen = (...matchers: string[]): string => `{${['namespace=~"$namespace"', ...matchers].join(', ')}}`;

/** Increase per second of a counter, by labels; without labels the sum of all. */
export const rate = (counter: string, by = '', ...matchers: string[]): string => `sum${by === '' ? '' : ` by (${by})`} (rate(${counter}${chosen(...matchers)}[$__rate_interval]))`;

/** Three percentiles of a histogram, by legend. */
export const percentiles = (histogram: string, ...matchers: string[]): Queries =>
  Object.fromEntries([0.5, 0.95, 0.99].map((quantile) => [`p${quantile * 100}`, `histogram_quantile(${quantile}, ${rate(`${histogram}_bucket`, 'le', ...matchers)})`]));

/** The 99th percentile of a histogram per value of a label. */
export const p99By = (histogram: string, label: string, ...matchers: string[]): Queries => ({ [`{{${label}}}`]: `histogram_quantile(0.99, ${rate(`${histogram}_bucket`, `${label}, le`, ...matchers)})` });
