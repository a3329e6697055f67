import type { RevisionCounts } from '@botplane/contracts';
import type { QueryAnswer } from '../../adapters/prometheus.ts';
import { Reasons } from '../../reasons.ts';
import { NO_FINDINGS } from './advance.ts';
import type { Candidate, Cause, Findings } from './advance.ts';
import { difference, judgeAnswer, judgeCounts } from './checks.ts';
import type { Check, Measurement } from './checks.ts';

export interface AnalystOptions {
  /** What was counted of a revision so far. */
  readonly sums: (botId: string, revision: string) => RevisionCounts;
  readonly query: (query: string) => Promise<QueryAnswer>;
  /** An answer came: the Bot should be looked at. */
  readonly onAnswer: (key: string) => void;
  readonly nowMs: () => number;
}

/** A rollout that is looked at. */
export interface Subject {
  key: string;
  botId: string;
  stable: string;
  candidate: Candidate;
  observedRetry: string | undefined;
  checks: readonly Check[];
}

export interface Analysis {
  findings: Findings;
  measurements: Measurement[];
  /** When to look again; undefined: an answer will tell, or there is nothing to measure. */
  dueMs: number | undefined;
  /** False: the first interval begins with the first look after there is traffic. */
  isBegun: boolean;
}

interface CheckState {
  fromMs: number;
  before: RevisionCounts;
  isAsked: boolean;
  answer: QueryAnswer | undefined;
  last: Measurement | undefined;
  passes: number;
  failures: number;
  silences: number;
}

interface RolloutState {
  rollout: string;
  step: string;
  checks: Map<string, CheckState>;
}

const NOTHING: Analysis = { findings: { ...NO_FINDINGS, passes: Number.POSITIVE_INFINITY }, measurements: [], dueMs: undefined, isBegun: true };

/**
 * Measures candidates. What it knows lives in memory: after a restart intervals begin anew, which costs time and never lets an unmeasured
 * revision pass.
 */
export class Analyst {
  private readonly options: AnalystOptions;
  private readonly rollouts = new Map<string, RolloutState>();

  constructor(options: AnalystOptions) {
    this.options = options;
  }

  forget(key: string): void {
    this.rollouts.delete(key);
  }

  /** Takes the measurements that are due and says what all of them come to. */
  look(subject: Subject): Analysis {
    const { key, candidate, checks } = subject;
    if (candidate.weight === 0 || checks.length === 0) {
      this.forget(key);
      return checks.length === 0 ? NOTHING : { ...NOTHING, findings: NO_FINDINGS, isBegun: false };
    }
    const state = this.stateOf(subject);
    for (const check of checks) this.measure(subject, check, this.checkOf(state, subject, check));
    return this.sumUp(state, checks);
  }

  private stateOf({ key, candidate, observedRetry }: Subject): RolloutState {
    const rollout = `${candidate.revision}/${observedRetry ?? ''}`;
    let state = this.rollouts.get(key);
    if (state?.rollout !== rollout) this.rollouts.set(key, (state = { rollout, step: candidate.stepStartedAt, checks: new Map() }));
    if (state.step !== candidate.stepStartedAt) {
      state.step = candidate.stepStartedAt;
      for (const check of state.checks.values()) check.passes = 0;
    }
    // It was heard: whoever lets the rollout go on begins with a clean slate.
    if (candidate.held) for (const check of state.checks.values()) check.failures = 0;
    return state;
  }

  private checkOf(state: RolloutState, { botId, candidate }: Subject, check: Check): CheckState {
    let found = state.checks.get(check.name);
    if (!found) {
      found = { fromMs: this.options.nowMs(), before: this.options.sums(botId, candidate.revision), isAsked: false, answer: undefined, last: undefined, passes: 0, failures: 0, silences: 0 };
      state.checks.set(check.name, found);
    }
    return found;
  }

  private measure(subject: Subject, check: Check, state: CheckState): void {
    const { answer } = state;
    if (answer) {
      state.answer = undefined;
      note(state, judgeAnswer(check, answer), !('value' in answer));
    }
    const nowMs = this.options.nowMs();
    if (state.isAsked || nowMs - state.fromMs < check.intervalMs) return;
    state.fromMs = nowMs;
    if ('query' in check.source) return this.ask(subject, check.source.query, state);
    const now = this.options.sums(subject.botId, subject.candidate.revision);
    note(state, judgeCounts(check, check.source.metric, check.source.minUpdates, difference(now, state.before)), false);
    state.before = now;
  }

  private ask({ key, botId, stable, candidate }: Subject, query: string, state: CheckState): void {
    const [namespace = '', bot = ''] = botId.split('_');
    const values: Record<string, string> = { namespace, bot, revision: candidate.revision, stable };
    state.isAsked = true;
    void this.options.query(query.replace(/\$\((namespace|bot|revision|stable)\)/g, (_, name: string) => values[name] ?? '')).then((answer) => {
      state.isAsked = false;
      state.answer = answer;
      this.options.onAnswer(key);
    });
  }

  private sumUp(state: RolloutState, checks: readonly Check[]): Analysis {
    const rows = checks.flatMap((check) => {
      const known = state.checks.get(check.name);
      return known ? [{ check, known }] : [];
    });
    const silent = rows.filter(({ check, known }) => known.silences >= check.errorLimit);
    const counted = rows.filter((row) => !(silent.includes(row) && row.check.onError === 'Ignore'));
    const dues = rows.filter(({ known }) => !known.isAsked).map(({ check, known }) => known.fromMs + check.intervalMs - this.options.nowMs());
    return {
      findings: {
        failure: failureOf(rows) ?? silenceOf(silent, 'Abort'),
        silence: silenceOf(silent, 'Wait'),
        passes: Math.min(Number.POSITIVE_INFINITY, ...counted.map(({ known }) => known.passes)),
      },
      measurements: rows.flatMap(({ known }) => known.last ?? []),
      dueMs: dues.length === 0 ? undefined : Math.max(0, Math.min(...dues)),
      isBegun: true,
    };
  }
}

interface Row {
  check: Check;
  known: CheckState;
}

function note(state: CheckState, measurement: Measurement, isSilence: boolean): void {
  state.last = measurement;
  state.silences = isSilence ? state.silences + 1 : 0;
  if (measurement.verdict === 'Inconclusive') return;
  state.passes = measurement.verdict === 'Passed' ? state.passes + 1 : 0;
  state.failures = measurement.verdict === 'Failed' ? state.failures + 1 : 0;
}

function failureOf(rows: readonly Row[]): Cause | undefined {
  const failed = rows.find(({ check, known }) => known.failures >= check.failureLimit);
  if (!failed) return undefined;
  const { name, max, min } = failed.check;
  const bounds = [...(max === undefined ? [] : [`at most ${max}`]), ...(min === undefined ? [] : [`at least ${min}`])].join(' and ');
  return { reason: Reasons.AnalysisFailed, message: `check ${name} measured ${failed.known.last?.value}, which must be ${bounds}` };
}

function silenceOf(silent: readonly Row[], onError: Check['onError']): Cause | undefined {
  const found = silent.find(({ check }) => check.onError === onError);
  return found && { reason: Reasons.AnalysisInconclusive, message: `check ${found.check.name} has no answer: ${found.known.last?.message}` };
}
