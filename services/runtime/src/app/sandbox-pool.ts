import { OTHER_CODE } from '@botplane/contracts';
import { hash32 } from '@botplane/domain';
import { failure, readRevisionKey } from '../domain/call.ts';
import type { Call, CallResult, Failure, Revision, RevisionName } from '../domain/call.ts';
import { Spending } from '../domain/spending.ts';
import { Strikes } from '../domain/strikes.ts';
import { APART_REST_FACTOR, APART_REST_MS_MAX, APART_RUNNING_MAX, APART_WAITING_MAX, APART_WAIT_MS_MAX, CODE_BYTES_MAX, CODE_BYTES_TOTAL_MAX, CPU_MS_MAX, CPU_MS_MIN, GREEDY_MAX, HOST_RSS_BASE_MIB, HOST_RSS_PER_ISOLATE_MIB, INPUT_CHARS_MAX, MEMORY_MIB_MAX, MEMORY_MIB_MIN, QUEUE_CALLS_MAX, QUEUE_CALLS_PER_BOT_MAX, RERUNS_MAX, SIDE_IDLE_TTL_MS, SIDE_ISOLATES_MAX, SIDE_LOSSES_MAX, SIDE_LOSSES_MIN, STEP_BURST_MS, STEP_FREE_MS, STEP_REFILL_MS_PER_SECOND, STRIKES_MAX, STRIKE_WINDOW_MS } from '../limits.ts';
import { DutyCycle } from './duty-cycle.ts';
import { HostSlot } from './host-slot.ts';
import type { Loss } from './host-slot.ts';
import type { Priority, RuntimeLog, RuntimeMetrics, StartHost } from './ports.ts';
import { RevisionStore } from './revision-store.ts';

export interface PoolSettings {
  /** Hosts for live traffic; one more, the side host, takes loads, probes and what is under suspicion, and another, once it is needed, what runs apart. */
  readonly hosts: number;
  /** Live isolates over all hosts. */
  readonly isolatesMax: number;
  readonly idleTtlMs: number;
  /** What a revision gets that asks for nothing. */
  readonly memoryMiB: number;
  readonly cpuMs: number;
}

export interface PoolPorts {
  readonly startHost: StartHost;
  readonly metrics: RuntimeMetrics;
  readonly log: RuntimeLog;
}

/** With `engineSha256` the engine that is kept for later loads. */
export type LoadResult = { kind: 'loaded'; already: boolean; tookMs: number; engineSha256: string | undefined } | { kind: 'invalid' | 'exhausted' | 'no_engine'; message: string };

export interface LoadOrder {
  readonly botId: string;
  readonly revHash: string;
  readonly sha256: string;
  /** bot.js, or what is behind its engine. */
  readonly code: Buffer;
  /** The engine that code leaves out; empty: code is whole. */
  readonly engineSha256: string;
  /** 0: the pod's default. */
  readonly memoryMiB: number;
  /** 0: the pod's default. */
  readonly cpuMs: number;
}

/** Everything a runtime pod does with bots' code, none of it in this process. */
export class SandboxPool {
  private readonly settings: PoolSettings;
  private readonly ports: PoolPorts;
  private readonly slots: readonly HostSlot[];
  private readonly side: HostSlot;
  /** For revisions that live neither beside others nor in the way of loads; made on first use. */
  private apart: HostSlot | undefined;
  private readonly duty = new DutyCycle<Call>(
    { restFactor: APART_REST_FACTOR, restMsMax: APART_REST_MS_MAX, waitingMax: APART_WAITING_MAX, waitMsMax: APART_WAIT_MS_MAX, runningMax: APART_RUNNING_MAX },
    (call) => this.apartSlot().enqueue(call),
    (call) => this.finish(call, failure('OVERLOADED', 'the revision uses more time than it gets')),
  );
  private readonly revisions: RevisionStore;
  private readonly loading = new Map<string, Promise<LoadResult>>();
  /** Of calls that had to be ended by force. */
  private readonly strikes = new Strikes(STRIKE_WINDOW_MS, STRIKES_MAX);
  /** Of calls that used all their time or memory, or too much of it too often: others must not wait for that again and again. */
  private readonly greed = new Strikes(STRIKE_WINDOW_MS, GREEDY_MAX);
  private readonly spending = new Spending({ freeMs: STEP_FREE_MS, burstMs: STEP_BURST_MS, refillMsPerSecond: STEP_REFILL_MS_PER_SECOND });
  /** Revisions that made a step within bounds: they run beside others. */
  private readonly proven = new WeakSet<Revision>();
  private nextCallId = 1;
  private inHand = 0;
  private isClosing = false;

  constructor(settings: PoolSettings, ports: PoolPorts) {
    this.settings = settings;
    this.ports = ports;
    this.revisions = new RevisionStore(CODE_BYTES_TOTAL_MAX, (revision) => this.evicted(revision));
    const isolatesMax = Math.max(1, Math.floor(settings.isolatesMax / settings.hosts));
    this.slots = Array.from({ length: settings.hosts }, (_none, n) => this.makeSlot({ name: String(n), isolatesMax, idleTtlMs: settings.idleTtlMs, priority: 'normal' }));
    this.side = this.makeSingle('side', 'normal');
  }

  /** True when every host is up. */
  get ready(): boolean {
    return !this.isClosing && this.side.ready && this.slots.every((slot) => slot.ready);
  }

  /** Calls that wait or run in this pod. */
  get size(): number {
    return this.inHand;
  }

  get loaded(): number {
    return this.revisions.size;
  }

  /** Takes the code of a revision once it is proved in the side host, where its first step will run too. */
  async load(order: LoadOrder): Promise<LoadResult> {
    const startedMs = performance.now();
    const refusal = checkOrder(order);
    if (refusal !== undefined) return { kind: 'invalid', message: refusal };
    const sha256 = this.revisions.hashOf(order);
    if (sha256 === undefined) return { kind: 'no_engine', message: 'this pod does not keep that engine: send bot.js whole' };
    if (sha256 !== order.sha256) return { kind: 'invalid', message: OTHER_CODE };
    const present = this.revisions.find(order.botId, order.revHash);
    if (present && present.sha256 !== order.sha256) return { kind: 'invalid', message: 'rev_hash is loaded with other code' };
    if (present) return this.loadedNow(present, true, startedMs);

    // Several executors ask for a new revision at the same moment.
    const key = `${order.botId}/${order.revHash}/${order.sha256}`;
    const underway = this.loading.get(key) ?? this.prove(order, startedMs).finally(() => this.loading.delete(key));
    this.loading.set(key, underway);
    return underway;
  }

  /** Runs one step of live traffic. */
  run(botId: string, revHash: string, input: string): Promise<CallResult> {
    const revision = this.revisions.find(botId, revHash);
    if (!revision) return Promise.resolve(failure('NOT_LOADED', 'revision is not loaded'));
    if (this.isApart(revision)) return this.call('run', revision, input, 'apart');
    // Others must not wait for a step that nobody has seen yet: it runs where the load was proved, in an isolate that is there.
    const isTrial = !this.proven.has(revision);
    return this.call('run', revision, input, isTrial ? this.side : this.slotOf(revision), isTrial);
  }

  /** Runs one synthetic step apart from live traffic; undefined: not loaded. */
  async probe(botId: string, revHash: string, input: string): Promise<CallResult | undefined> {
    const revision = this.revisions.find(botId, revHash);
    return revision && this.call('run', revision, input, this.side);
  }

  /** Revisions that run apart for their strikes, and what the last one was for. */
  quarantined(): { revision: RevisionName; cause: string }[] {
    return this.strikes.out(Date.now()).map(({ key, cause }) => ({ revision: readRevisionKey(key), cause }));
  }

  /** From now on new calls are refused as OVERLOADED, so that callers go to another pod. */
  drain(): void {
    this.isClosing = true;
    this.duty.drain();
  }

  /** Ends all hosts. */
  close(): void {
    this.drain();
    for (const slot of this.allSlots()) slot.close();
  }

  private async prove(order: LoadOrder, startedMs: number): Promise<LoadResult> {
    const revision = this.revisions.make({
      ...order,
      memoryMiB: clamp(order.memoryMiB || this.settings.memoryMiB, MEMORY_MIB_MIN, MEMORY_MIB_MAX),
      cpuMs: clamp(order.cpuMs || this.settings.cpuMs, CPU_MS_MIN, CPU_MS_MAX),
    });
    const proved = await this.call('prepare', revision, '', this.side);
    if (proved.kind === 'failure') return refusedLoad(proved);
    this.revisions.keep(revision);
    return this.loadedNow(revision, false, startedMs);
  }

  private loadedNow({ engine }: Revision, already: boolean, startedMs: number): LoadResult {
    return { kind: 'loaded', already, tookMs: performance.now() - startedMs, engineSha256: engine && this.revisions.engineOf(engine) };
  }

  private call(kind: Call['kind'], revision: Revision, input: string, place: HostSlot | 'apart', isTrial = false): Promise<CallResult> {
    if (this.isClosing) return Promise.resolve(failure('OVERLOADED', 'the runtime shuts down'));
    if (input.length > INPUT_CHARS_MAX) return Promise.resolve(failure('GUEST_ERROR', 'the input is too large'));
    if (this.inHand >= QUEUE_CALLS_MAX || (place !== 'apart' && place.waitingOf(revision.botId) >= QUEUE_CALLS_PER_BOT_MAX)) return Promise.resolve(failure('OVERLOADED', 'too many calls are waiting'));
    this.inHand += 1;
    return new Promise((settle) => {
      const call: Call = { id: this.callId(), kind, revision, input, isTrial, reruns: 0, sideLosses: 0, settle };
      if (place === 'apart') this.duty.push(revision.key, call);
      else place.enqueue(call);
    });
  }

  /** Ids are u32 on the wire to a host; no call lives for four billion others. */
  private callId(): number {
    const id = this.nextCallId;
    this.nextCallId = id === 0xffff_ffff ? 1 : id + 1;
    return id;
  }

  /** A bot lives in one host. */
  private slotOf(revision: Revision): HostSlot {
    return this.slots[hash32(revision.botId) % this.slots.length] ?? this.side;
  }

  /** A revision that was to blame too often, or made others wait, does not run beside them. */
  private isApart({ key }: Revision): boolean {
    const nowMs = Date.now();
    return this.strikes.isOut(key, nowMs) || this.greed.isOut(key, nowMs);
  }

  private apartSlot(): HostSlot {
    this.apart ??= this.makeSingle('apart', 'idle');
    return this.apart;
  }

  private allSlots(): HostSlot[] {
    return [...this.slots, this.side, ...(this.apart ? [this.apart] : [])];
  }

  /** A host that gets one call at a time: what ends it is known. */
  private makeSingle(name: string, priority: Priority): HostSlot {
    return this.makeSlot({ name, isolatesMax: SIDE_ISOLATES_MAX, idleTtlMs: Math.min(SIDE_IDLE_TTL_MS, this.settings.idleTtlMs), priority }, 1);
  }

  private makeSlot(settings: { name: string; isolatesMax: number; idleTtlMs: number; priority: Priority }, windowCalls?: number): HostSlot {
    const slot: HostSlot = new HostSlot({
      settings: { ...settings, rssMiBMax: HOST_RSS_BASE_MIB + settings.isolatesMax * HOST_RSS_PER_ISOLATE_MIB },
      ...this.ports,
      ...(windowCalls === undefined ? {} : { windowCalls }),
      onLoss: (loss) => (loss.culprit || windowCalls !== 1 ? this.sort(loss, slot) : this.convict(loss, slot)),
      onResult: (call, result) => this.count(call, result),
    });
    return slot;
  }

  /** The culprit of an overrun is known; without one every call is under suspicion and runs again alone. */
  private sort({ culprit, others }: Loss, slot: HostSlot): void {
    const mayGoOn = others.filter((call) => this.mayRerun(call));
    if (culprit) {
      const result = failure('OVERRUN', `the step did not end within ${culprit.revision.cpuMs} ms and was killed`);
      this.strike(culprit.revision, result.message);
      this.finish(culprit, result);
      // The culprit's bot may have had more calls there.
      const [apart, beside] = partition(mayGoOn, (call) => call.kind === 'run' && slot !== this.side && this.isApart(call.revision));
      slot.requeue(beside);
      for (const call of apart) this.duty.push(call.revision.key, call);
    } else this.side.requeue(mayGoOn);
  }

  /** Such a host runs one call at a time: the one that was in it ended it, unless it came into a host that an earlier one had left dying. So a new host has it first. */
  private convict({ others, hadNoOther }: Loss, slot: HostSlot): void {
    for (const call of others) {
      call.sideLosses += 1;
      if (call.sideLosses < SIDE_LOSSES_MIN || (!hadNoOther && call.sideLosses < SIDE_LOSSES_MAX)) {
        slot.requeue([call]);
        continue;
      }
      const result = failure('GUEST_ERROR', 'the step ended its sandbox host', { isGreedy: true });
      this.strike(call.revision, result.message);
      this.finish(call, result);
    }
  }

  private mayRerun(call: Call): boolean {
    call.reruns += 1;
    if (call.reruns <= RERUNS_MAX) return true;
    this.finish(call, failure('HOST_LOST', 'the sandbox host was lost too often'));
    return false;
  }

  private strike(revision: Revision, cause: string): void {
    const isOut = this.strikes.add(revision.key, cause, Date.now());
    this.ports.metrics.strike();
    this.ports.log.warn({ botId: revision.botId, revision: revision.key, isOut }, 'revision got a strike');
  }

  private finish(call: Call, result: CallResult): void {
    this.count(call, result);
    call.settle(result);
  }

  private count(call: Call, result: CallResult): void {
    this.inHand -= 1;
    this.duty.ended(call.revision.key, call);
    if (call.kind === 'run' && this.isTooMuch(call, result)) this.moveApart(call.revision);
    else if (call.isTrial && mayProve(result)) this.admit(call.revision);
    if (call.kind === 'run') this.ports.metrics.settled(result.kind === 'output' ? 'ok' : result.code.toLowerCase(), result.cold, result.kind === 'output' ? result.tookMs : 0);
  }

  private isTooMuch({ revision }: Call, result: CallResult): boolean {
    if (result.kind === 'failure' && result.isGreedy) return true;
    return this.spending.charge(revision.key, result.cpuMs, Date.now());
  }

  /** From now on beside others, with what waited behind its first step: the side host takes one call at a time. */
  private admit(revision: Revision): void {
    this.proven.add(revision);
    const [own, others] = partition(this.side.withdraw(revision.botId), (call) => call.isTrial && call.revision.key === revision.key);
    this.side.requeue(others);
    for (const call of own) this.slotOf(revision).enqueue(call);
  }

  /** With what still waits for it beside others. */
  private moveApart(revision: Revision): void {
    this.greed.add(revision.key, '', Date.now());
    this.proven.delete(revision);
    for (const slot of [this.slotOf(revision), this.side]) {
      // A probe stays in the side host.
      const [own, others] = partition(slot.withdraw(revision.botId), (call) => call.kind === 'run' && (call.isTrial || slot !== this.side) && call.revision.key === revision.key);
      slot.requeue(others);
      for (const call of own) this.duty.push(call.revision.key, call);
    }
  }

  private evicted(revision: Revision): void {
    this.strikes.forget(revision.key);
    this.greed.forget(revision.key);
    this.spending.forget(revision.key);
    for (const slot of this.allSlots()) slot.forget(revision.index);
  }
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

/** The step ended by itself, whatever came of it. */
const mayProve = (result: CallResult): boolean => result.kind === 'output' || (result.code === 'GUEST_ERROR' && !result.isGreedy);

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

function checkOrder(order: LoadOrder): string | undefined {
  if (order.botId === '' || !/^[0-9a-f]{8,64}$/.test(order.revHash)) return 'bot_id or rev_hash is not valid';
  return order.code.length === 0 || order.code.length > CODE_BYTES_MAX ? `code must have 1 to ${CODE_BYTES_MAX} bytes` : undefined;
}

function refusedLoad(result: Failure): LoadResult {
  const isOwnFault = result.code === 'GUEST_ERROR' || result.code === 'OVERRUN';
  return isOwnFault ? { kind: 'invalid', message: result.message } : { kind: 'exhausted', message: result.message };
}
