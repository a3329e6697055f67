import { FAILED_REVISIONS_MAX, FAILURES_TOLD_MAX, FAILURE_BRIEF_BYTES_MAX, FAILURE_BYTES_MAX, SERVED_MAX, SUPERSEDED_MAX } from '../../limits.ts';
import { Reasons } from '../../reasons.ts';
import { advance, isoSeconds, newCandidate } from './advance.ts';
import type { Candidate, Cause, Findings, Waits } from './advance.ts';
import type { RolloutPlan } from './rollout-plan.ts';
import { shorten } from './shorten.ts';

/** What the decision needs to know of one BotRevision of the Bot. */
export interface RevisionView {
  name: string;
  ready: boolean;
  /** It harmed the sandbox it ran in; never ready at the same time. */
  quarantined: boolean;
  /** Made by the operator for this Bot; those that a person applied serve only when they are pinned. */
  owned: boolean;
  deleting: boolean;
  createdMs: number;
  /** Where it comes from, for people: the annotations of its template. */
  origin?: string;
}

export interface Superseded {
  revision: string;
  /** ISO time. */
  since: string;
}

export interface FailedRevision extends Cause {
  revision: string;
  /** ISO time. */
  time: string;
}

export interface Served {
  revision: string;
  /** ISO time. */
  until: string;
}

/** What was decided before, as status says. */
export interface CurrentServing {
  /** The stable one. */
  revision: string | undefined;
  superseded: readonly Superseded[];
  candidate: Candidate | undefined;
  failed: readonly FailedRevision[];
  served: readonly Served[];
  observedRetry: string | undefined;
  /** False: the route does not say yet what was decided. */
  isRouted: boolean;
}

/** What keeps a revision from serving. */
export interface Standstill {
  sinceMs: number;
  message: string;
}

export interface ServingInput {
  suspend: boolean;
  /** spec.revisionName. */
  pin: string | undefined;
  /** The revision made from the current template; undefined while that is not known. */
  latest: string | undefined;
  revisions: readonly RevisionView[];
  /** Superseded revisions on which no conversation is left. */
  drained: ReadonlySet<string>;
  plan: RolloutPlan;
  findings: Findings;
  /** Why the latest revision may not get traffic yet, or ever; undefined: it may. */
  gate: { cause: Cause; isFinal: boolean } | undefined;
  /** The latest revision cannot serve, and since when; undefined: it can, or its rollout is paused. */
  standstill: Standstill | undefined;
  /** See AdvanceInput. */
  resumedMs: number;
  current: CurrentServing;
  nowMs: number;
}

export interface ServingDecision {
  state: 'Serving' | 'Suspended';
  /** The stable one. Undefined: nothing can serve yet. */
  revision: string | undefined;
  candidate: Candidate | undefined;
  /** What the candidate waits for. */
  waits: Waits | undefined;
  /** Earlier revisions whose conversations go on, newest first. */
  superseded: Superseded[];
  /** The revision that should serve; differs from `revision` while it is not there. */
  wanted: string | undefined;
  failed: FailedRevision[];
  /** The one that failed just now. */
  failedNow: FailedRevision | undefined;
  served: Served[];
  observedRetry: string | undefined;
}

/**
 * Decides who serves, in this order: suspension, the pin, failed and aborted revisions, promotion, steps. A stable revision in quarantine gives way
 * to any other that is ready; when there is none, it goes on in quarantine. When nothing is known (status and route are lost), the newest ready
 * one. Pure.
 */
export function decideServing(input: ServingInput): ServingDecision {
  const { plan, pin, latest, current } = input;
  const wanted = pin ?? latest;
  // A retry speaks of the latest revision: it is not heeded before that is known.
  const isForgiven = latest !== undefined && plan.retry !== undefined && plan.retry !== current.observedRetry;
  const failed = isForgiven ? current.failed.filter((entry) => entry.revision !== latest) : [...current.failed];
  const progress = pin === undefined ? roll(input, failed, isForgiven) : pinned(input, failed);

  const failedNow = progress.failed && { revision: progress.failed.revision, reason: progress.failed.reason, message: withOrigin(input, progress.failed), time: isoSeconds(input.nowMs) };
  const isNews = failedNow !== undefined && !failed.some((entry) => entry.revision === failedNow.revision);
  const allFailed = isNews ? bounded([failedNow, ...failed]) : failed;
  const decision = { revision: progress.revision, candidate: progress.candidate };
  return {
    state: input.suspend ? 'Suspended' : 'Serving', ...decision, waits: progress.waits, wanted,
    superseded: chooseSuperseded(input, decision, allFailed),
    failed: allFailed, failedNow: isNews ? failedNow : undefined,
    served: nextServed(input, progress.revision),
    observedRetry: (latest === undefined ? undefined : plan.retry) ?? current.observedRetry,
  };
}

interface Progress {
  revision: string | undefined;
  candidate?: Candidate | undefined;
  waits?: Waits | undefined;
  failed?: (Cause & { revision: string }) | undefined;
}

const isRunnable = (revisions: readonly RevisionView[], name: string | undefined): boolean => revisions.some((view) => view.name === name && view.ready && !view.deleting);

/** A pin is a decision against every other revision, also against the candidate. */
function pinned(input: ServingInput, failed: readonly FailedRevision[]): Progress {
  const { pin, revisions, current } = input;
  if (isRunnable(revisions, pin) || current.revision === pin) return { revision: pin };
  const barred = failed.map((entry) => entry.revision);
  const isSound = current.revision !== undefined && !isQuarantined(input, current.revision) && !barred.includes(current.revision);
  return { revision: isSound ? current.revision : replacement(input, barred) };
}

const isQuarantined = ({ revisions }: ServingInput, name: string | undefined): boolean => revisions.some((view) => view.name === name && view.quarantined);

/** Without a pin. */
function roll(input: ServingInput, failed: readonly FailedRevision[], isForgiven: boolean): Progress {
  const { current, latest, revisions } = input;
  const stable = current.revision;
  const verdict = latest === undefined || latest === stable ? undefined : refusal(input, latest, failed, isForgiven);
  const barred = [...failed, ...(verdict ? [verdict] : [])].map((entry) => entry.revision);
  const isGated = input.gate !== undefined && current.candidate?.revision !== latest;
  const mayTakeOver = isRunnable(revisions, latest) && !isGated && !barred.includes(latest ?? '');

  // With nothing sound to go back to, steps protect nobody.
  if (stable === undefined || isQuarantined(input, stable) || barred.includes(stable)) {
    const isDirect = mayTakeOver && latest !== undefined && (stable === undefined || isEntitled(input, latest));
    const next = isDirect ? latest : replacement(input, [...barred, ...(isGated && latest !== undefined ? [latest] : [])]);
    const isPoison = stable !== undefined && stable === latest && next !== stable;
    return { revision: next, failed: verdict ?? (isPoison ? { revision: stable, ...POISON } : undefined) };
  }
  if (latest === undefined) return { revision: stable, ...keepStill(input) };
  if (latest === stable) return { revision: stable };
  if (verdict) return { revision: stable, failed: verdict };
  if (!mayTakeOver) return { revision: stable, ...(barred.includes(latest) || isGated ? {} : keepStill(input)) };
  if (servedLately(input, latest) && !input.plan.paused) return { revision: latest };
  return step(input, stable, latest, isForgiven);
}

const POISON: Cause = { reason: Reasons.Quarantined, message: 'it harmed the sandbox it ran in' };

/** Why the rollout of the latest revision ends here. */
function refusal(input: ServingInput, latest: string, failed: readonly FailedRevision[], isForgiven: boolean): (Cause & { revision: string }) | undefined {
  const { plan, current, findings, gate } = input;
  if (failed.some((entry) => entry.revision === latest)) return undefined;
  const because = (cause: Cause): Cause & { revision: string } => ({ revision: latest, reason: cause.reason, message: cause.message });
  if (plan.abort === latest) return because({ reason: Reasons.RolloutAborted, message: 'spec.rollout.abort names it' });
  if (gate?.isFinal) return because(gate.cause);
  if (!isForgiven && standstillLeftMs(input) <= 0) return because(tooSlow(plan, input.standstill));
  if (current.candidate?.revision !== latest) return undefined;
  if (isQuarantined(input, latest)) return because(POISON);
  return findings.failure && plan.onFailure === 'Abort' && !isForgiven ? because(findings.failure) : undefined;
}

/**
 * How long a rollout may still stand still before it is given up. Only steps are given up: AllAtOnce moves nothing before the revision is ready, and
 * goes on trying, as does a Bot that has no sound revision to stay with.
 */
export function standstillLeftMs(input: Pick<ServingInput, 'plan' | 'current' | 'revisions' | 'standstill' | 'nowMs'>): number {
  const { plan, current, revisions, standstill, nowMs } = input;
  const hasStable = current.revision !== undefined && isRunnable(revisions, current.revision);
  if (!standstill || !hasStable || plan.steps.length === 0 || plan.onFailure !== 'Abort') return Number.POSITIVE_INFINITY;
  return standstill.sinceMs + plan.progressDeadlineMs - nowMs;
}

const tooSlow = ({ progressDeadlineMs }: RolloutPlan, standstill: Standstill | undefined): Cause => ({
  reason: Reasons.ProgressDeadlineExceeded, message: `it could not serve for ${progressDeadlineMs / 1_000} s (${standstill?.message ?? ''})`,
});

/** The template cannot be read just now, or the candidate is not ready for a moment: it stays where it is. */
function keepStill({ current, latest, revisions }: ServingInput): Pick<Progress, 'candidate' | 'waits'> {
  const { candidate } = current;
  if (!candidate || (latest !== undefined && candidate.revision !== latest)) return {};
  const isThere = revisions.some((view) => view.name === candidate.revision && !view.deleting && !view.quarantined);
  return isThere ? { candidate, waits: { for: 'route' } } : {};
}

function step(input: ServingInput, stable: string, latest: string, isForgiven: boolean): Progress {
  const { plan, current, findings, suspend, nowMs } = input;
  const known = current.candidate?.revision === latest ? current.candidate : newCandidate(latest, plan, nowMs);
  const held = isForgiven ? undefined : (known.held ?? (known === current.candidate ? findings.failure : undefined));
  const candidate = held === known.held ? known : { ...known, held };
  const next = advance({ plan, candidate, findings, isFree: current.isRouted && !suspend && !input.standstill, resumedMs: input.resumedMs, nowMs });
  if (next.kind === 'promoted') return { revision: latest };
  if (next.kind === 'failed' && plan.onFailure === 'Abort') return { revision: stable, failed: { revision: latest, ...next.cause } };
  if (next.kind === 'failed') return { revision: stable, candidate: { ...candidate, held: next.cause }, waits: { for: 'person', cause: next.cause } };
  return { revision: stable, candidate: next.candidate, waits: next.waits };
}

/** Whoever served last and is sound; else the newest that is ready. */
function replacement({ revisions, current }: ServingInput, barred: readonly string[]): string | undefined {
  const sound = revisions.filter((view) => view.ready && view.owned && !view.deleting && !barred.includes(view.name));
  const known = current.served.find((entry) => sound.some((view) => view.name === entry.revision));
  return known?.revision ?? sound.toSorted((a, b) => b.createdMs - a.createdMs)[0]?.name ?? current.revision;
}

/** It would get all traffic at once anyway. */
function isEntitled(input: ServingInput, latest: string): boolean {
  const { promote, steps, paused } = input.plan;
  const isPromoted = promote?.revision === latest && (promote.step ?? steps.length) >= steps.length;
  return isPromoted || (steps.length === 0 && !paused) || servedLately(input, latest);
}

function servedLately({ current, plan, nowMs }: ServingInput, latest: string): boolean {
  const before = current.served.find((entry) => entry.revision === latest);
  return before !== undefined && nowMs - Date.parse(before.until) < plan.rollbackWindowMs;
}

function nextServed({ current, revisions, nowMs }: ServingInput, revision: string | undefined): Served[] {
  const left = current.revision !== undefined && current.revision !== revision ? [{ revision: current.revision, until: isoSeconds(nowMs) }] : [];
  const earlier = current.served.filter((entry) => entry.revision !== left[0]?.revision);
  return [...left, ...earlier].filter((entry) => entry.revision !== revision && revisions.some((view) => view.name === entry.revision)).slice(0, SERVED_MAX);
}

/** A pin, an abort or a failure moves conversations at once; a promotion lets them end. */
function chooseSuperseded(input: ServingInput, decision: Pick<ServingDecision, 'revision' | 'candidate'>, failed: readonly FailedRevision[]): Superseded[] {
  const { revisions, current, pin, plan, drained, nowMs } = input;
  const { revision, candidate } = decision;
  if (pin !== undefined && pin === revision) return [];

  const isReplaced = current.revision !== undefined && current.revision !== revision;
  const candidates = isReplaced ? [{ revision: current.revision ?? '', since: isoSeconds(nowMs) }, ...current.superseded] : current.superseded;
  const seen = new Set<string | undefined>([revision, ...(candidate && candidate.weight > 0 ? [candidate.revision] : [])]);
  for (const entry of failed) seen.add(entry.revision);
  return candidates
    .filter((entry) => {
      if (seen.has(entry.revision)) return false;
      seen.add(entry.revision);
      return isRunnable(revisions, entry.revision) && !drained.has(entry.revision) && nowMs - Date.parse(entry.since) < plan.scaledownMs;
    })
    .slice(0, SUPERSEDED_MAX);
}

function withOrigin({ revisions }: ServingInput, { revision, message }: Cause & { revision: string }): string {
  const origin = revisions.find((view) => view.name === revision)?.origin;
  return shorten(origin ? `${message} (${origin})` : message, FAILURE_BYTES_MAX);
}

/** Of the earlier ones that they failed counts more than why. */
const bounded = (failed: readonly FailedRevision[]): FailedRevision[] =>
  failed.slice(0, FAILED_REVISIONS_MAX).map((entry, index) => (index < FAILURES_TOLD_MAX ? entry : { ...entry, message: shorten(entry.message, FAILURE_BRIEF_BYTES_MAX) }));

/** When time alone changes the decision next; undefined: never. */
export function nextChangeMs({ superseded, waits }: Pick<ServingDecision, 'superseded' | 'waits'>, plan: Pick<RolloutPlan, 'scaledownMs'>, nowMs: number): number | undefined {
  const times = superseded.map((entry) => Date.parse(entry.since) + plan.scaledownMs - nowMs);
  if (waits && 'leftMs' in waits) times.push(waits.leftMs);
  return times.length === 0 ? undefined : Math.max(0, Math.min(...times));
}
