import { FairQueue } from '../domain/fair-queue.ts';
import { failure } from '../domain/call.ts';
import type { Call, CallResult, Revision } from '../domain/call.ts';
import { HOST_AGE_MS_MIN, HOST_DOWN_MS_MAX, HOST_WINDOW_CALLS, NOT_IDLE_MS, PHASES_MAX, PHASE_MS_MAX, RESPAWN_MS_MAX, RESPAWN_MS_MIN, STARVED_MAX, STARVED_SHARE, TURN_CALLS_MAX, TURN_STEP_MS_MAX, WATCHDOG_GRACE_MS } from '../limits.ts';
import type { HostDone, HostSettings, HostVitals, RuntimeLog, RuntimeMetrics, SandboxHost, StartHost } from './ports.ts';

/** Calls that a slot lost together with its host. */
export interface Loss {
  /** The one at the head when we killed the host for an overrun. */
  readonly culprit: Call | undefined;
  /** All others that were with the host, in order. */
  readonly others: readonly Call[];
  /** The host never had any call but these: whatever ended it, nobody else left it there. */
  readonly hadNoOther: boolean;
}

export interface SlotOptions {
  readonly settings: HostSettings;
  readonly startHost: StartHost;
  readonly metrics: RuntimeMetrics;
  readonly log: RuntimeLog;
  /** Decides what becomes of lost calls. */
  readonly onLoss: (loss: Loss) => void;
  /** Told of each result before the caller gets it. */
  readonly onResult: (call: Call, result: CallResult) => void;
  /** Calls in the host at a time; default HOST_WINDOW_CALLS. */
  readonly windowCalls?: number;
}

/**
 * The place of one sandbox host: feeds it from a fair queue, watches the call at its head, and starts the process anew when it is gone.
 * The host works in order, so its head is always the first call that is not answered: an overrun has exactly one culprit.
 */
export class HostSlot {
  private readonly options: SlotOptions;
  /** What ran last as a short step: V8 runs a program twice as fast while its code and data are still in the processor's caches. */
  private readonly brief = new WeakSet<Revision>();
  private readonly queue = new FairQueue<Call>({ itemsMax: TURN_CALLS_MAX, mayFollow: ({ revision }) => this.brief.has(revision) });
  private readonly inHost: Call[] = [];
  private readonly registered = new Set<number>();
  private host: SandboxHost | undefined;
  private isReady = false;
  private isClosed = false;
  private downSinceMs = performance.now();
  private respawnMs = RESPAWN_MS_MIN;
  private watchdog: NodeJS.Timeout | undefined;
  /** Processor time that an idle host had used when its head, or the phase of that, began, and what it may use from there. */
  private budget: { fromMs: number; limitMs: number } | undefined;
  private phases = 0;
  /** Why the host is being killed. */
  private overrun: Call | undefined;
  private starting: NodeJS.Timeout | undefined;
  private isIdle = false;
  /** Until then a host that should be idle is started with a low priority: others left it nothing, or it could not start. */
  private notIdleUntilMs = 0;
  /** Calls that got too little of what others leave, since one that did not. */
  private starved = 0;
  private readySinceMs = 0;
  /** Calls that this host process was given. */
  private given = 0;
  /** The host takes no more calls and is replaced when its last one has ended. */
  private isRetiring = false;

  constructor(options: SlotOptions) {
    this.options = options;
    this.spawn();
  }

  get ready(): boolean {
    return this.isReady;
  }

  /** Calls that wait or run here. */
  get size(): number {
    return this.queue.size + this.inHost.length;
  }

  /** Waiting steps of one bot. */
  waitingOf(botId: string): number {
    return this.queue.sizeOf(botId);
  }

  /** Takes a call; answers OVERLOADED at once while the host cannot be brought up. */
  enqueue(call: Call): void {
    if (this.isClosed || (!this.isReady && performance.now() - this.downSinceMs > HOST_DOWN_MS_MAX)) return this.settle(call, failure('OVERLOADED', 'the sandbox host is down'));
    this.queue.push(lineOf(call), call);
    this.pump();
  }

  /** Puts calls back that were with a lost host, before what waits. */
  requeue(calls: readonly Call[]): void {
    if (this.isClosed) return calls.forEach((call) => this.settle(call, failure('HOST_LOST', 'the runtime shuts down')));
    for (const call of calls.toReversed()) this.queue.pushFront(lineOf(call), call);
    this.pump();
  }

  /** Takes a bot's waiting steps out. */
  withdraw(botId: string): Call[] {
    return this.queue.take(botId);
  }

  /** Drops a revision's code from the host. */
  forget(index: number): void {
    if (this.registered.delete(index)) this.host?.forget(index);
  }

  /** Ends the host; what is still here is answered HOST_LOST. */
  close(): void {
    this.isClosed = true;
    clearTimeout(this.starting);
    this.disarmWatchdog();
    this.host?.kill();
    for (const call of [...this.inHost.splice(0), ...this.queue.drain()]) this.settle(call, failure('HOST_LOST', 'the runtime shuts down'));
  }

  private spawn(): void {
    if (this.isClosed) return;
    const { settings, startHost } = this.options;
    const priority = settings.priority === 'idle' && performance.now() < this.notIdleUntilMs ? 'low' : settings.priority;
    this.isIdle = priority === 'idle';
    this.isRetiring = false;
    if (this.isIdle) this.expectStart();
    this.host = startHost({ ...settings, priority }, {
      ready: () => this.becomeReady(),
      done: (callId, done) => this.onDone(callId, done),
      phase: (callId, msMax) => this.onPhase(callId, msMax),
      vitals: (vitals) => this.onVitals(vitals),
      exited: (detail) => this.onExit(detail),
    });
  }

  /** An idle host may never get to run, be it to start or to end: callers do not wait for that. */
  private expectStart(): void {
    clearTimeout(this.starting);
    this.starting = setTimeout(() => {
      this.downSinceMs = Number.NEGATIVE_INFINITY;
      if (this.isIdle) {
        this.leaveIdle('it does not start');
        this.replaceIdle();
      }
      this.refuseWaiting();
    }, HOST_DOWN_MS_MAX);
  }

  private becomeReady(): void {
    if (this.isRetiring) return;
    clearTimeout(this.starting);
    this.isReady = true;
    this.readySinceMs = performance.now();
    this.respawnMs = RESPAWN_MS_MIN;
    this.pump();
  }

  private pump(): void {
    if (this.isRetiring) return this.retireIfEmpty();
    const windowCalls = this.options.windowCalls ?? HOST_WINDOW_CALLS;
    while (this.isReady && this.host && this.inHost.length < windowCalls) {
      const call = this.queue.shift();
      if (!call) return;
      if (!this.registered.has(call.revision.index)) {
        this.registered.add(call.revision.index);
        this.host.register(call.revision);
      }
      this.inHost.push(call);
      this.given += 1;
      this.host.start(call);
      if (this.inHost.length === 1) this.watchHead();
    }
  }

  private onDone(callId: number, done: HostDone): void {
    const call = this.inHost[0];
    if (call?.id !== callId) return this.distrust('answered out of order');
    this.inHost.shift();
    if (done.tookMs <= TURN_STEP_MS_MAX) this.brief.add(call.revision);
    else this.brief.delete(call.revision);
    this.watchHead();
    this.options.metrics.live(this.options.settings.name, done.live);
    const isStarved = done.status === 'starved' && this.isIdle;
    if (isStarved) this.countStarved();
    else this.starved = 0;
    if (isStarved && performance.now() < this.notIdleUntilMs) this.replaceIdle();
    this.settle(call, isStarved ? starvedCall(call) : resultOf(call, done));
    this.pump();
  }

  private onVitals({ live, rssMiB }: HostVitals): void {
    const { metrics, log, settings } = this.options;
    metrics.live(settings.name, live);
    metrics.resident(settings.name, rssMiB);
    if (settings.priority === 'idle' && !this.isIdle && performance.now() >= this.notIdleUntilMs) this.retire();
    if (this.isRetiring || rssMiB <= settings.rssMiBMax || performance.now() - this.readySinceMs < HOST_AGE_MS_MIN) return;
    log.info({ host: settings.name, rssMiB, live }, 'sandbox host is replaced for its memory');
    this.retire();
  }

  private countStarved(): void {
    this.starved += 1;
    if (this.starved === STARVED_MAX) this.leaveIdle(`${STARVED_MAX} calls in a row got too little`);
  }

  /** What others leave is not enough, or not to be had: hosts take a small share from them for a while. */
  private leaveIdle(reason: string): void {
    this.options.log.info({ host: this.options.settings.name, reason }, 'sandbox host cannot run on what others leave of the processor: the next one has a share');
    this.notIdleUntilMs = performance.now() + NOT_IDLE_MS;
    this.starved = 0;
  }

  private replaceIdle(): void {
    this.isRetiring = true;
    if (this.isReady) {
      this.isReady = false;
      this.downSinceMs = performance.now();
      this.expectStart();
    }
    this.host?.kill();
  }

  private retire(): void {
    this.isRetiring = true;
    this.retireIfEmpty();
  }

  /** V8 gives little back of what it once had: only a new process starts small. */
  private retireIfEmpty(): void {
    if (this.inHost.length > 0) return;
    if (this.isIdle) this.replaceIdle();
    else this.host?.kill();
  }

  private onPhase(callId: number, msMax: number): void {
    this.phases += 1;
    if (this.inHost[0]?.id !== callId || this.phases > PHASES_MAX) return this.distrust('announced too many phases');
    this.armWatchdog(Math.min(msMax, PHASE_MS_MAX));
  }

  /** A new call is at the head of the host: its time starts now. */
  private watchHead(): void {
    this.phases = 0;
    const head = this.inHost[0];
    if (head) this.armWatchdog(head.revision.cpuMs);
    else this.disarmWatchdog();
  }

  private armWatchdog(limitMs: number): void {
    clearTimeout(this.watchdog);
    const watchdog = setTimeout(() => {
      // This process may itself have been asleep: what already lies in the pipe counts.
      setImmediate(() => setImmediate(() => this.watchdog === watchdog && this.killOverrun()));
    }, limitMs + WATCHDOG_GRACE_MS);
    this.watchdog = watchdog;
    const fromMs = this.isIdle ? this.host?.usedMs() : undefined;
    this.budget = fromMs === undefined ? undefined : { fromMs, limitMs };
  }

  private disarmWatchdog(): void {
    clearTimeout(this.watchdog);
    this.watchdog = undefined;
  }

  private killOverrun(): void {
    if (this.isIdle && !this.hasUsedItsTime()) return this.endStarved();
    this.overrun = this.inHost[0];
    this.host?.kill();
  }

  private hasUsedItsTime(): boolean {
    const usedMs = this.host?.usedMs();
    return this.budget !== undefined && usedMs !== undefined && usedMs - this.budget.fromMs >= this.budget.limitMs * STARVED_SHARE;
  }

  /** A host with a share of the processor will show whether it would end. */
  private endStarved(): void {
    const head = this.inHost.shift();
    this.countStarved();
    this.replaceIdle();
    if (head) this.settle(head, starvedCall(head));
  }

  /** The peer breaks the protocol: whatever it is by now, it is not our host any more. */
  private distrust(reason: string): void {
    if (this.isRetiring && this.inHost.length === 0) return; // It is being replaced, and this was still in the pipe.
    this.options.log.warn({ host: this.options.settings.name, reason }, 'sandbox host misbehaves');
    this.host?.kill();
  }

  private onExit(detail: string): void {
    this.disarmWatchdog();
    const wasReady = this.isReady;
    const lost = this.inHost.splice(0);
    const hadNoOther = this.given === lost.length;
    // Its answer may still have come.
    const culprit = this.overrun !== undefined && lost[0] === this.overrun ? lost.shift() : undefined;
    const couldNotBeIdle = this.isIdle && !wasReady && !this.isRetiring;
    const isRecycled = couldNotBeIdle || (this.isRetiring && !culprit && lost.length === 0);
    this.host = undefined;
    this.isReady = false;
    this.overrun = undefined;
    this.registered.clear();
    this.given = 0;
    if (this.isClosed) return;

    const { metrics, log, settings, onLoss } = this.options;
    metrics.ended(culprit ? 'overrun' : isRecycled ? 'recycled' : 'died');
    metrics.live(settings.name, 0);
    if (!isRecycled) log.warn({ host: settings.name, detail, overrun: culprit !== undefined, bot: culprit?.revision.botId, calls: lost.length }, 'sandbox host ended');
    if (couldNotBeIdle) this.leaveIdle(detail);
    if (wasReady) {
      this.downSinceMs = performance.now();
      this.spawn();
    } else this.respawnLater();
    if (culprit || lost.length > 0) onLoss({ culprit, others: lost, hadNoOther });
  }

  private respawnLater(): void {
    setTimeout(() => this.spawn(), this.respawnMs).unref();
    this.respawnMs = Math.min(this.respawnMs * 2, RESPAWN_MS_MAX);
    if (performance.now() - this.downSinceMs > HOST_DOWN_MS_MAX) this.refuseWaiting();
  }

  private refuseWaiting(): void {
    for (const call of this.queue.drain()) this.settle(call, failure('OVERLOADED', 'the sandbox host is down'));
  }

  private settle(call: Call, result: CallResult): void {
    this.options.onResult(call, result);
    call.settle(result);
  }
}

/** All loads wait in one line, so that the steps of a bot wait for one load, however many there are. */
const LOADS = '';
const lineOf = ({ kind, revision }: Call): string => (kind === 'prepare' ? LOADS : revision.botId);

/** Who only gets what others leave is not to blame for having got nothing. */
const starvedCall = ({ revision }: Call): CallResult => failure('OVERLOADED', `the step got less than its ${revision.cpuMs} ms of processor time`);

function resultOf(call: Call, done: HostDone): CallResult {
  const { cold, tookMs, cpuMs, text } = done;
  switch (done.status) {
    case 'ok':
      return { kind: 'output', json: text, cold, tookMs, cpuMs };
    case 'overrun':
    case 'starved':
      return failure('OVERRUN', text, { cold, cpuMs });
    case 'not_registered':
      return failure('NOT_LOADED', text);
    case 'invalid':
      return failure('GUEST_ERROR', call.kind === 'prepare' ? text : `bot.js does not evaluate: ${text}`, { cold: true, isGreedy: true });
    case 'out_of_memory':
      return failure('GUEST_ERROR', text, { cold, cpuMs, isGreedy: true });
    case 'guest_error':
      return failure('GUEST_ERROR', text, { cold, cpuMs });
  }
}
