import { SUPERSEDED_MAX, SUPERSEDED_MS_MAX } from '../../limits.ts';

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
}

export interface Superseded {
  revision: string;
  /** ISO time. */
  since: string;
}

/** What was decided before, as status says. */
export interface CurrentServing {
  revision: string | undefined;
  superseded: readonly Superseded[];
}

export interface ServingInput {
  suspend: boolean;
  /** spec.revisionName. */
  pin: string | undefined;
  /** The revision made from the current template. */
  latest: string | undefined;
  revisions: readonly RevisionView[];
  current: CurrentServing;
  nowMs: number;
}

export interface ServingDecision {
  state: 'Serving' | 'Suspended';
  /** Undefined: nothing can serve yet. */
  revision: string | undefined;
  /** Earlier revisions whose conversations go on, newest first. */
  superseded: Superseded[];
  /** The revision that should serve; differs from `revision` while it is not ready. */
  wanted: string | undefined;
}

/**
 * Decides who serves: the pinned revision, else the latest one, as soon as it is ready; until then whoever serves now. One in quarantine gives
 * way to any other that is ready, with its conversations, unless it is pinned; when there is no other, it goes on in quarantine. When nothing is
 * known (status and route are lost), the newest ready one. Pure.
 */
export function decideServing(input: ServingInput): ServingDecision {
  const wanted = input.pin ?? input.latest;
  const revision = chooseRevision(input, wanted);
  return { state: input.suspend ? 'Suspended' : 'Serving', revision, wanted, superseded: chooseSuperseded(input, revision) };
}

function chooseRevision({ revisions, current, pin }: ServingInput, wanted: string | undefined): string | undefined {
  const isReady = (name: string | undefined): boolean => revisions.some((view) => view.name === name && view.ready && !view.deleting);
  if (isReady(wanted)) return wanted;
  const isQuarantined = revisions.some((view) => view.name === current.revision && view.quarantined);
  if (current.revision !== undefined && (!isQuarantined || current.revision === pin)) return current.revision;
  return revisions.filter((view) => view.ready && view.owned && !view.deleting).toSorted((a, b) => b.createdMs - a.createdMs)[0]?.name ?? current.revision;
}

function chooseSuperseded({ revisions, current, pin, nowMs }: ServingInput, revision: string | undefined): Superseded[] {
  // A pin is a decision against every other revision: their conversations move at once.
  if (pin !== undefined && pin === revision) return [];

  const isReplaced = current.revision !== undefined && current.revision !== revision;
  const since = new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
  const candidates = isReplaced ? [{ revision: current.revision ?? '', since }, ...current.superseded] : current.superseded;
  const seen = new Set<string | undefined>([revision]);
  return candidates
    .filter((entry) => {
      if (seen.has(entry.revision)) return false;
      seen.add(entry.revision);
      return isRunnable(revisions, entry.revision) && nowMs - Date.parse(entry.since) < SUPERSEDED_MS_MAX;
    })
    .slice(0, SUPERSEDED_MAX);
}

const isRunnable = (revisions: readonly RevisionView[], name: string): boolean => revisions.some((view) => view.name === name && view.ready && !view.deleting);

/** When the next superseded revision is dropped; undefined when there is none. */
export function nextExpiryMs(superseded: readonly Superseded[], nowMs: number): number | undefined {
  if (superseded.length === 0) return undefined;
  const firstMs = Math.min(...superseded.map((entry) => Date.parse(entry.since)));
  return Math.max(0, firstMs + SUPERSEDED_MS_MAX - nowMs);
}
