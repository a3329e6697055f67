import { hash32, sha256Hex } from '@botplane/domain';
import { failure, readRevisionKey } from '../domain/call.ts';
import type { Call, CallResult, Failure, Revision, RevisionName } from '../domain/call.ts';
import { Strikes } from '../domain/strikes.ts';
import { CODE_BYTES_MAX, CODE_BYTES_TOTAL_MAX, CPU_MS_MAX, CPU_MS_MIN, HOST_RSS_BASE_MIB, HOST_RSS_PER_ISOLATE_MIB, INPUT_CHARS_MAX, MEMORY_MIB_MAX, MEMORY_MIB_MIN, OVERRUNS_MAX, QUEUE_CALLS_MAX, QUEUE_CALLS_PER_BOT_MAX, RERUNS_MAX, SIDE_IDLE_TTL_MS, SIDE_LOSSES_MAX, SIDE_ISOLATES_MAX, STRIKES_MAX, STRIKE_WINDOW_MS } from '../limits.ts';
import { HostSlot } from './host-slot.ts';
import type { Loss } from './host-slot.ts';
import type { RuntimeLog, RuntimeMetrics, StartHost } from './ports.ts';
import { RevisionStore } from './revision-store.ts';

export interface PoolSettings {
  /** Hosts for live traffic; one more, the side host, takes loads, probes and what is under suspicion. */
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

export type LoadResult = { kind: 'loaded'; already: boolean; tookMs: number } | { kind: 'invalid'; message: string } | { kind: 'exhausted'; message: string };

export interface LoadOrder {
  readonly botId: string;
  readonly revHash: string;
  readonly sha256: string;
  readonly code: Buffer;
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
  private readonly revisions: RevisionStore;
  private readonly loading = new Map<string, Promise<LoadResult>>();
  /** Of calls that had to be ended by force. */
  private readonly strikes = new Strikes(STRIKE_WINDOW_MS, STRIKES_MAX);
  /** Of calls that used all their time, whether they were cut off or killed: others must not wait for that again and again. */
  private readonly overruns = new Strikes(STRIKE_WINDOW_MS, OVERRUNS_MAX);
  private nextCallId = 1;
  private inHand = 0;
  private isClosing = false;

  constructor(settings: PoolSettings, ports: PoolPorts) {
    this.settings = settings;
    this.ports = ports;
    this.revisions = new RevisionStore(CODE_BYTES_TOTAL_MAX, (revision) => this.evicted(revision));
    const isolatesMax = Math.max(1, Math.floor(settings.isolatesMax / settings.hosts));
    this.slots = Array.from({ length: settings.hosts }, (_none, n) => this.makeSlot({ name: String(n), isolatesMax, idleTtlMs: settings.idleTtlMs }));
    this.side = this.makeSlot({ name: 'side', isolatesMax: SIDE_ISOLATES_MAX, idleTtlMs: Math.min(SIDE_IDLE_TTL_MS, settings.idleTtlMs) }, 1);
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

  /** Takes the code of a revision: proved in the side host first, then made ready in the host it will live in. */
  async load(order: LoadOrder): Promise<LoadResult> {
    const startedMs = performance.now();
    const refusal = checkOrder(order);
    if (refusal !== undefined) return { kind: 'invalid', message: refusal };
    const present = this.revisions.find(order.botId, order.revHash);
    if (present && present.sha256 !== order.sha256) return { kind: 'invalid', message: 'rev_hash is loaded with other code' };
    if (present) return { kind: 'loaded', already: true, tookMs: performance.now() - startedMs };

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
    return this.call('run', revision, input, this.slotOf(revision));
  }

  /** Runs one synthetic step apart from live traffic; undefined: not loaded. */
  async probe(botId: string, revHash: string, input: string): Promise<CallResult | undefined> {
    const revision = this.revisions.find(botId, revHash);
    return revision && this.call('run', revision, input, this.side);
  }

  /** Revisions that run in the side host for their strikes, and what the last one was for. */
  quarantined(): { revision: RevisionName; cause: string }[] {
    return this.strikes.out(Date.now()).map(({ key, cause }) => ({ revision: readRevisionKey(key), cause }));
  }

  /** From now on new calls are refused as OVERLOADED, so that callers go to another pod. */
  drain(): void {
    this.isClosing = true;
  }

  /** Ends all hosts. */
  close(): void {
    this.isClosing = true;
    for (const slot of [...this.slots, this.side]) slot.close();
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
    // Only a warm start: when it fails for lack of room, the first run makes the isolate.
    await this.call('prepare', revision, '', this.slotOf(revision));
    return { kind: 'loaded', already: false, tookMs: performance.now() - startedMs };
  }

  private call(kind: Call['kind'], revision: Revision, input: string, slot: HostSlot): Promise<CallResult> {
    if (this.isClosing) return Promise.resolve(failure('OVERLOADED', 'the runtime shuts down'));
    if (input.length > INPUT_CHARS_MAX) return Promise.resolve(failure('GUEST_ERROR', 'the input is too large'));
    if (this.inHand >= QUEUE_CALLS_MAX || slot.waitingOf(revision.botId) >= QUEUE_CALLS_PER_BOT_MAX) return Promise.resolve(failure('OVERLOADED', 'too many calls are waiting'));
    this.inHand += 1;
    return new Promise((settle) => slot.enqueue({ id: this.callId(), kind, revision, input, reruns: 0, sideLosses: 0, settle }));
  }

  /** Ids are u32 on the wire to a host; no call lives for four billion others. */
  private callId(): number {
    const id = this.nextCallId;
    this.nextCallId = id === 0xffff_ffff ? 1 : id + 1;
    return id;
  }

  /** A bot lives in one host; a revision that was to blame too often, or made others wait, lives in the side host. */
  private slotOf(revision: Revision): HostSlot {
    const nowMs = Date.now();
    if (this.strikes.isOut(revision.key, nowMs) || this.overruns.isOut(revision.key, nowMs)) return this.side;
    return this.slots[hash32(revision.botId) % this.slots.length] ?? this.side;
  }

  private makeSlot(settings: { name: string; isolatesMax: number; idleTtlMs: number }, windowCalls?: number): HostSlot {
    const slot: HostSlot = new HostSlot({
      settings: { ...settings, rssMiBMax: HOST_RSS_BASE_MIB + settings.isolatesMax * HOST_RSS_PER_ISOLATE_MIB },
      ...this.ports,
      ...(windowCalls === undefined ? {} : { windowCalls }),
      onLoss: (loss) => (loss.culprit || slot !== this.side ? this.sort(loss, slot) : this.convict(loss)),
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
      slot.requeue(mayGoOn);
    } else this.side.requeue(mayGoOn);
  }

  /** The side host runs one call at a time: the one that was in it ended it, unless it came into a host that was dying already. */
  private convict({ others }: Loss): void {
    for (const call of others) {
      call.sideLosses += 1;
      if (call.sideLosses < SIDE_LOSSES_MAX) {
        this.side.requeue([call]);
        continue;
      }
      const result = failure('GUEST_ERROR', 'the step ended its sandbox host');
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
    if (call.kind === 'run' && result.kind === 'failure' && result.code === 'OVERRUN') this.overruns.add(call.revision.key, result.message, Date.now());
    if (call.kind === 'run') this.ports.metrics.settled(result.kind === 'output' ? 'ok' : result.code.toLowerCase(), result.cold, result.kind === 'output' ? result.tookMs : 0);
  }

  private evicted(revision: Revision): void {
    this.strikes.forget(revision.key);
    this.overruns.forget(revision.key);
    for (const slot of [...this.slots, this.side]) slot.forget(revision.index);
  }
}

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

function checkOrder(order: LoadOrder): string | undefined {
  if (order.botId === '' || !/^[0-9a-f]{8,64}$/.test(order.revHash)) return 'bot_id or rev_hash is not valid';
  if (order.code.length === 0 || order.code.length > CODE_BYTES_MAX) return `code must have 1 to ${CODE_BYTES_MAX} bytes`;
  return sha256Hex(order.code) === order.sha256 ? undefined : 'sha256 does not match the code';
}

function refusedLoad(result: Failure): LoadResult {
  const isOwnFault = result.code === 'GUEST_ERROR' || result.code === 'OVERRUN';
  return isOwnFault ? { kind: 'invalid', message: result.message } : { kind: 'exhausted', message: result.message };
}
