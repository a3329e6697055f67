import type { ChatRecord, GuestMessages, RouteRecord } from '@botplane/contracts';
import { failedTries, judge, settle, withFailedTry } from '../domain/chat-record.ts';
import { routedRevision } from '../domain/choose-revision.ts';
import { BadGuestOutput } from '../domain/guest-output.ts';
import type { IncomingUpdate } from '../domain/incoming-update.ts';
import type { Keeping } from '../domain/kept-messages.ts';
import { makeDeadLetter, makeDeadLetterOutbox, makeOutbox, makeSupersededOutbox } from '../domain/outbox.ts';
import { MESSAGE_KIND } from '../domain/rivals.ts';
import { timerChanges } from '../domain/timer-changes.ts';
import { LIMITS } from '../limits.ts';
import type { Chain } from './chain.ts';
import type { Place } from './fair-scheduler.ts';
import { GuestFailure, TemporaryFailure } from './failures.ts';
import { RivalFinder } from './find-rival.ts';
import type { Clock, Crashes, LoadedRecord, Outbox, Passports, Records, Reporter, Routes, SettledAs, TimerStore } from './ports.ts';
import type { GuestRun, RunGuest } from './run-guest.ts';

/** The head of a chain, from its first try until it is settled. */
export interface Head {
  readonly update: IncomingUpdate;
  /** Where it stands: what came after it waits behind it. */
  readonly chain: Chain;
  readonly records: Records;
  /** False: the partition is not ours any more; stop without a trace. */
  readonly isOwned: () => boolean;
  /** Resolves to true when the press was answered before its turn. */
  readonly answeredEarly: Promise<boolean>;
  /** When it first came to the head, on the clock's time. */
  firstTryMs: number | undefined;
  /** Since when nothing but the guest has held it up. */
  undisturbedMs: number | undefined;
  /** Uncounted retries in a row. */
  outages: number;
}

/** Settled: acknowledge. Otherwise the same head is tried again, and nothing of its chain before it. */
export type HeadResult = 'settled' | { retryAfterMs: number };

export interface RunUpdateParts {
  clock: Clock;
  routes: Routes;
  runGuest: RunGuest;
  passports: Passports;
  outbox: Outbox;
  timers: TimerStore;
  reporter: Reporter;
  crashes: Crashes;
  /** Keyed hash for `piiPolicy: hash`, the same for the same value of one bot. */
  hashPersonal: (botId: string, value: string) => string;
}

/**
 * One try of the head of a chain (design section 4.3): judge it by its record, run it, commit everything by one compare-and-set,
 * then publish what it caused. A crash at any point is mended by the same rule on the next try.
 */
export class RunUpdate {
  constructor(private readonly parts: RunUpdateParts) {}

  /** Never throws. */
  async execute(head: Head, place: Place): Promise<HeadResult> {
    if (!head.isOwned()) return 'settled';
    head.firstTryMs ??= this.parts.clock.nowMs();
    head.undisturbedMs ??= this.parts.clock.nowMs();
    try {
      const result = await this.try(head, place);
      if (result === 'settled') head.outages = 0;
      return result;
    } catch (error) {
      head.undisturbedMs = undefined;
      const failure = error as Error;
      const why = failure instanceof TemporaryFailure ? failure.what : 'internal';
      this.parts.reporter.retried(head.update, why, failure);
      head.update.span?.interrupt(why);
      head.update.span?.event('retry', { 'error.type': why });
      return { retryAfterMs: outagePauseMs(head.outages++) };
    }
  }

  private async try(head: Head, place: Place): Promise<HeadResult> {
    const { update } = head;
    const known = this.parts.routes.find(update.botId);
    if (known?.state === 'Deleted') return this.settled(head, 'gone');
    if (known?.state === 'Suspended') {
      head.undisturbedMs = undefined;
      return { retryAfterMs: LIMITS.suspendedRetryMs };
    }

    const loading = update.span?.child('load state', 'internal');
    const loaded = await head.records.load(update.botId, update.stateKey);
    loading?.end();
    const verdict = judge(loaded.record, update);
    if (verdict === 'below' || verdict === 'seen') return this.settled(head, verdict);
    if (verdict === 'equal' && loaded.record !== undefined) {
      await this.publishAgain(update, loaded.record);
      return this.settled(head, 'republished');
    }

    const route = await this.routeFor(known, update, loaded);
    if (route === undefined) return this.withoutRoute(head, loaded);
    return this.run(head, place, { route, loaded });
  }

  /** An owner whose view of the routes is older than the record's reads the newest one. */
  private async routeFor(known: RouteRecord | undefined, update: IncomingUpdate, { record }: LoadedRecord): Promise<RouteRecord | undefined> {
    if (known !== undefined && known.routeSeq >= (record?.routeSeq ?? 0)) return known;
    return (await this.parts.routes.refresh(update.botId)) ?? known;
  }

  private async withoutRoute(head: Head, loaded: LoadedRecord): Promise<HeadResult> {
    const waitedMs = this.parts.clock.nowMs() - (head.firstTryMs ?? 0);
    if (!this.parts.routes.isReady || waitedMs < LIMITS.routeWaitMsMax) throw new TemporaryFailure('route', 'no route is known');
    return this.giveUp(head, undefined, loaded, new GuestFailure('route_unknown', 'no route is known for this bot'));
  }

  private async run(head: Head, place: Place, { route, loaded }: { route: RouteRecord; loaded: LoadedRecord }): Promise<HeadResult> {
    const { update } = head;
    try {
      const state = loaded.record?.state ?? {};
      this.parts.crashes.hit('before-run');
      const task = { update, route, state, answerPress: !(await head.answeredEarly) };
      const run = await this.parts.runGuest.execute(task, place, this.rivalsOf(head, route, loaded));
      this.parts.crashes.hit('after-run');
      const { revision, output } = run;
      update.span?.set({ 'botplane.revision': revision });
      if (run.rival !== undefined) return await this.giveWay(head, route, loaded, { ...run, rival: run.rival });
      const outbox = makeOutbox(update, revision, output, this.keeping(update, output.messages));
      const settlement = { state: output.state, timers: output.timers, outbox, routeSeq: route.routeSeq };
      const code = output.outcome.kind === 'handled' ? undefined : output.outcome.code;
      return await this.commit(head, loaded, settle(loaded.record, update, settlement, this.parts.clock.nowMs()), [output.outcome.kind, code]);
    } catch (error) {
      if (error instanceof TemporaryFailure) throw error;
      return this.countFailure(head, route, loaded, toGuestFailure(error));
    }
  }

  /** Whoever may take the place of a message; nothing else can be superseded. */
  private rivalsOf({ update, chain }: Head, route: RouteRecord, { record }: LoadedRecord): RivalFinder | undefined {
    if (update.kind !== MESSAGE_KIND) return undefined;
    return new RivalFinder(update, chain, record, (rival) => this.parts.runGuest.outcomeOf({ update: rival, route, state: record?.state ?? {}, answerPress: false }));
  }

  /** Lets a newer message take its place, as a commit: state unchanged, its place in the order taken, so that no copy of it is worked on later. */
  private async giveWay(head: Head, route: RouteRecord, loaded: LoadedRecord, { revision, output, rival }: GuestRun & { rival: IncomingUpdate }): Promise<HeadResult> {
    const { update } = head;
    const { state = {}, timers = [] } = loaded.record ?? {};
    const outbox = makeSupersededOutbox(update, revision, rival, this.keeping(update, output.messages));
    return this.commit(head, loaded, settle(loaded.record, update, { state, timers, outbox, routeSeq: route.routeSeq }, this.parts.clock.nowMs()), ['superseded', undefined]);
  }

  /** The count is stored before the next try, so that a restart does not begin it anew. */
  private async countFailure(head: Head, route: RouteRecord, loaded: LoadedRecord, failure: GuestFailure): Promise<HeadResult> {
    const { update } = head;
    const tries = failedTries(loaded.record, update.seq) + 1;
    const elapsedMs = this.parts.clock.nowMs() - (head.undisturbedMs ?? 0);
    if (tries >= LIMITS.guestTriesMax || elapsedMs >= LIMITS.headMsMax) return this.giveUp(head, route, loaded, failure);
    await head.records.save(update.botId, update.stateKey, withFailedTry(loaded.record, update.seq, route.routeSeq), loaded.revision);
    this.parts.crashes.hit('after-failed-try');
    this.parts.reporter.retried(update, failure.code, failure);
    update.span?.event('retry', { 'error.type': failure.code });
    return { retryAfterMs: LIMITS.guestRetryMs[tries - 1] ?? 0 };
  }

  /** Gives an update up, as a commit: state unchanged, its place in the order taken, the dead letter in its outbox. */
  private async giveUp(head: Head, route: RouteRecord | undefined, loaded: LoadedRecord, failure: GuestFailure): Promise<HeadResult> {
    const { update } = head;
    const attempts = failedTries(loaded.record, update.seq) + 1;
    const letter = makeDeadLetter(update, { reason: failure.code, message: failure.message, attempts }, this.parts.clock.nowMs());
    const outbox = makeDeadLetterOutbox(update, letter, route === undefined ? undefined : await this.apology(head, route), (value) => this.parts.hashPersonal(update.botId, value));
    const { state = {}, timers = [] } = loaded.record ?? {};
    const settlement = { state, timers, outbox, routeSeq: route?.routeSeq ?? loaded.record?.routeSeq ?? 0 };
    this.parts.reporter.deadLettered(update, failure.code, failure);
    update.span?.fail(failure.code);
    return this.commit(head, loaded, settle(loaded.record, update, settlement, this.parts.clock.nowMs()), ['dlq', failure.code]);
  }

  private async apology(head: Head, route: RouteRecord): Promise<Parameters<typeof makeDeadLetterOutbox>[2]> {
    const revision = routedRevision(route, head.update.orderKey);
    const routed = revision === undefined ? undefined : route.revisions[revision];
    if (revision === undefined || routed === undefined) return undefined;
    try {
      return { revision, passport: await this.parts.passports.get(route.botId, routed.revHash), answerPress: !(await head.answeredEarly) };
    } catch (error) {
      if (error instanceof TemporaryFailure) throw error;
      return undefined;
    }
  }

  private async commit(head: Head, loaded: LoadedRecord, record: ChatRecord, [as, code]: [SettledAs, string | undefined]): Promise<HeadResult> {
    const { update } = head;
    if (!head.isOwned()) return 'settled';
    this.parts.crashes.hit('before-commit');
    const committing = update.span?.child('commit state', 'internal');
    const saved = await head.records.save(update.botId, update.stateKey, record, loaded.revision);
    committing?.end();
    if (saved === 'conflict') return { retryAfterMs: 0 };
    this.parts.crashes.hit('after-commit');
    await this.publish(update, loaded.record, record);
    this.parts.crashes.hit('after-publish');
    return this.settled(head, as, code);
  }

  private async publish(update: IncomingUpdate, before: ChatRecord | undefined, after: ChatRecord): Promise<void> {
    const { arm, disarm } = timerChanges(before?.timers ?? [], after.timers);
    for (const timer of arm) await this.parts.timers.arm(update, timer);
    for (const timer of disarm) await this.parts.timers.disarm(update, timer);
    if (arm.length > 0) this.parts.crashes.hit('after-timers');
    await this.parts.outbox.publish(update, after.outbox);
  }

  /** What was armed before is armed again, which changes nothing where it was. What should be disarmed fires into the void: its nonce is gone. */
  private async publishAgain(update: IncomingUpdate, record: ChatRecord): Promise<void> {
    await this.publish(update, undefined, record);
  }

  private keeping({ botId }: IncomingUpdate, messages: GuestMessages | undefined): Keeping | undefined {
    return messages && { messages, hash: (value) => this.parts.hashPersonal(botId, value) };
  }

  private settled(head: Head, as: SettledAs, code?: string): 'settled' {
    this.parts.reporter.settled(head.update, as, this.parts.clock.nowMs() - head.update.acceptedMs, code);
    head.update.span?.set({ 'botplane.outcome': as });
    return 'settled';
  }
}

/** Anything that is no outage counts against the update, also our own bugs: else one bad update would hold its chat for ever. */
function toGuestFailure(error: unknown): GuestFailure {
  if (error instanceof GuestFailure) return error;
  if (error instanceof BadGuestOutput) return new GuestFailure('bad_output', error.message, { cause: error });
  return new GuestFailure('internal', error instanceof Error ? error.message : 'internal error', { cause: error });
}

function outagePauseMs(outages: number): number {
  return Math.min(LIMITS.outageRetryMsMin * 2 ** Math.min(outages, 10), LIMITS.outageRetryMsMax);
}
