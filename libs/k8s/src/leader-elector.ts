import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { K8sClient } from './client.ts';
import { isAlreadyExists, isConflict } from './errors.ts';
import { LEASE_CALL_MS_MAX, LEASE_DURATION_MS, LEASE_FAILED_RETRY_MS, LEASE_LOOK_MS, LEASE_RENEW_DEADLINE_MS, LEASE_RETRY_MS } from './limits.ts';
import { microTime } from './micro-time.ts';
import type { ObjectRef } from './objects.ts';
import { NO_METRICS, SILENT_LOGGER } from './ports.ts';
import type { Logger, MetricsPort } from './ports.ts';
import { LEASES } from './resources.ts';
import type { Lease } from './resources.ts';

/** Tells two processes of one identity apart: a restarted container takes its predecessor's lease over at once. */
const SESSION_ANNOTATION = 'botplane.dev/leader-session';

export interface LeaderElectorOptions {
  /** A client of its own, so that no other request holds up a renewal. */
  client: K8sClient;
  lease: Required<ObjectRef>;
  /**
   * Name of this process in the Lease. A process that starts under the identity of the present holder takes the lease at once: it must be sure that
   * the other has ended, as a container of a pod can be of the one before it.
   */
  identity: string;
  /** The lease is lost: nothing may be written any more, the process had better end. Not called by {@link LeaderElector.release}. */
  onLost: (cause: Error) => void;
  /** Default 15 s. Others wait this long for a sign of life. */
  leaseDurationMs?: number;
  /** Default 10 s. A leader that could not renew for this long stops writing. The difference is its margin for requests under way. */
  renewDeadlineMs?: number;
  /** Pause between renewals. Default 2 s. */
  retryMs?: number;
  logger?: Logger;
  metrics?: MetricsPort;
}

/** A write was asked for by a process that does not hold the lease (any more). */
export class NotLeaderError extends Error {
  override readonly name = 'NotLeaderError';

  constructor() {
    super('this process does not hold the lease, so it may not write');
  }
}

/**
 * Holds a coordination.k8s.io Lease, as client-go does: whoever does not see it change for its duration takes it. Remote clocks never matter: a
 * candidate measures from when it saw a change, a holder from before it sent its last successful renewal. Every write of a holder belongs behind
 * {@link assertLeader}.
 */
export class LeaderElector {
  private readonly options: LeaderElectorOptions;
  private readonly leaseDurationMs: number;
  private readonly renewDeadlineMs: number;
  private readonly retryMs: number;
  private readonly logger: Logger;
  private readonly metrics: MetricsPort;
  private readonly session = randomUUID();
  private readonly stopping = new AbortController();
  /** The lease as last seen, and when it was seen to change. */
  private observed: { lease: Lease; version: string; atMs: number } | undefined;
  private renewedAt: Instant | undefined;
  private renewing: Promise<void> | undefined;
  private expiry: NodeJS.Timeout | undefined;

  constructor(options: LeaderElectorOptions) {
    this.options = options;
    this.leaseDurationMs = options.leaseDurationMs ?? LEASE_DURATION_MS;
    this.renewDeadlineMs = options.renewDeadlineMs ?? LEASE_RENEW_DEADLINE_MS;
    this.retryMs = options.retryMs ?? LEASE_RETRY_MS;
    this.logger = options.logger ?? SILENT_LOGGER;
    this.metrics = options.metrics ?? NO_METRICS;
    this.gauge(0);
  }

  /** True while this process may write: it holds the lease by its own clocks. */
  get isLeader(): boolean {
    return this.renewedAt !== undefined && ageMs(this.renewedAt) < this.renewDeadlineMs;
  }

  /** Milliseconds since the renewal that counts; undefined on a standby. */
  get leaseAgeMs(): number | undefined {
    return this.renewedAt && ageMs(this.renewedAt);
  }

  /** To be called right before every write, to wherever it goes. Throws {@link NotLeaderError}. */
  readonly assertLeader = (): void => {
    if (!this.isLeader) throw new NotLeaderError();
  };

  /** Resolves once this process holds the lease, which it then keeps renewing. Rejects after {@link release}. */
  async acquire(): Promise<void> {
    while (!(await this.tryAcquire())) await sleep(this.waitMs(), undefined, { signal: this.stopping.signal });
    this.stopping.signal.throwIfAborted();
    this.gauge(1);
    this.logger.info({ lease: this.options.lease, identity: this.options.identity }, 'became leader');
    this.renewing = this.keepRenewing();
  }

  /** Lets the next one lead at once, and ends the election for good. The fence closes first. */
  async release(): Promise<void> {
    const wasLeader = this.isLeader;
    this.stopping.abort(new Error('the election was ended'));
    await this.renewing;
    clearTimeout(this.expiry);
    this.renewedAt = undefined;
    this.gauge(0);
    if (!wasLeader || !this.observed) return;
    // A duration of 1 s, as client-go leaves it: nobody has to wait for a holder that says it went.
    const spec = { ...this.observed.lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime() };
    await this.write(spec).then(
      () => this.logger.info({ lease: this.options.lease }, 'gave the lease back'),
      (err: unknown) => this.logger.warn({ err }, 'lease not given back; it runs out by itself'),
    );
  }

  /** How long a candidate rests: until the lease could run out, at most the pause between looks. */
  private waitMs(): number {
    const { observed } = this;
    const leftMs = observed && observed.lease.spec?.holderIdentity ? observed.atMs + this.durationOf(observed.lease) - performance.now() : LEASE_LOOK_MS;
    return Math.max(50, Math.min(LEASE_LOOK_MS, leftMs));
  }

  private async tryAcquire(): Promise<boolean> {
    try {
      const lease = await this.options.client.get(LEASES, this.options.lease, { timeoutMs: LEASE_CALL_MS_MAX, signal: this.stopping.signal });
      if (lease) this.observe(lease);
      else this.observed = undefined;
      if (lease && !this.isFree(lease)) return false;
      const sentAt = now();
      this.observe(lease ? await this.write(this.claimOf(lease)) : await this.create());
      this.renewed(sentAt);
      return true;
    } catch (error) {
      this.stopping.signal.throwIfAborted();
      // Somebody else was faster, or the API server is away: look again.
      if (!isConflict(error) && !isAlreadyExists(error)) this.logger.warn({ err: error }, 'lease not acquired; trying again');
      return false;
    }
  }

  private isFree(lease: Lease): boolean {
    const holder = lease.spec?.holderIdentity;
    if (!holder || holder === this.options.identity) return true;
    return this.observed !== undefined && performance.now() - this.observed.atMs >= this.durationOf(lease);
  }

  private durationOf(lease: Lease): number {
    return (lease.spec?.leaseDurationSeconds ?? 0) * 1_000 || this.leaseDurationMs;
  }

  private observe(lease: Lease): void {
    const version = lease.metadata.resourceVersion ?? '';
    if (this.observed?.version !== version) this.observed = { lease, version, atMs: performance.now() };
  }

  private claimOf(lease: Lease | undefined): NonNullable<Lease['spec']> {
    const { spec } = lease ?? {};
    const isOurs = spec?.holderIdentity === this.options.identity && lease?.metadata.annotations?.[SESSION_ANNOTATION] === this.session;
    const nowText = microTime();
    return {
      ...spec, holderIdentity: this.options.identity, leaseDurationSeconds: Math.ceil(this.leaseDurationMs / 1_000), renewTime: nowText,
      ...(isOurs ? {} : { acquireTime: nowText, leaseTransitions: (spec?.leaseTransitions ?? -1) + 1 }),
    };
  }

  private create(): Promise<Lease> {
    const { namespace, name } = this.options.lease;
    const metadata = { namespace, name, annotations: { [SESSION_ANNOTATION]: this.session } };
    return this.options.client.create(LEASES, { metadata, spec: this.claimOf(undefined) }, { timeoutMs: LEASE_CALL_MS_MAX });
  }

  /** A compare-and-set on the lease as last seen. */
  private write(spec: NonNullable<Lease['spec']>): Promise<Lease> {
    const { metadata, ...rest } = this.observed!.lease;
    const annotations = { ...metadata.annotations, [SESSION_ANNOTATION]: this.session };
    return this.options.client.replace(LEASES, { ...rest, metadata: { ...metadata, annotations }, spec }, { timeoutMs: LEASE_CALL_MS_MAX });
  }

  private renewed(sentAt: Instant): void {
    this.renewedAt = sentAt;
    clearTimeout(this.expiry);
    // A timer of its own: a renewal that hangs must not hide that the time is over.
    this.expiry = setTimeout(() => this.lose(new Error(`the lease could not be renewed for ${this.renewDeadlineMs} ms`)), Math.max(0, this.renewDeadlineMs - ageMs(sentAt)));
  }

  private async keepRenewing(): Promise<void> {
    const { signal } = this.stopping;
    let pauseMs = this.retryMs;
    while (!signal.aborted) {
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) pauseMs = (await this.renew()) ? this.retryMs : Math.min(this.retryMs, LEASE_FAILED_RETRY_MS);
    }
  }

  /** True when it succeeded. */
  private async renew(): Promise<boolean> {
    const sentAt = now();
    try {
      const lease = await this.write(this.claimOf(this.observed?.lease));
      this.observe(lease);
      this.renewed(sentAt);
      return true;
    } catch (error) {
      if (!isConflict(error)) this.logger.warn({ err: error }, 'lease not renewed; trying again');
      else await this.lookAgain();
      return false;
    }
  }

  /** After a conflict: an earlier renewal whose answer was lost, somebody's edit, or another holder. */
  private async lookAgain(): Promise<void> {
    const lease = await this.options.client.get(LEASES, this.options.lease, { timeoutMs: LEASE_CALL_MS_MAX }).catch(() => undefined);
    if (!lease) return;
    const isOurs = lease.spec?.holderIdentity === this.options.identity && lease.metadata.annotations?.[SESSION_ANNOTATION] === this.session;
    if (isOurs) this.observe(lease);
    else this.lose(new Error(`the lease is held by "${lease.spec?.holderIdentity ?? ''}"`));
  }

  private lose(cause: Error): void {
    if (this.stopping.signal.aborted) return;
    this.renewedAt = undefined;
    clearTimeout(this.expiry);
    this.stopping.abort(cause);
    this.gauge(0);
    this.options.onLost(cause);
  }

  private gauge(value: 0 | 1): void {
    this.metrics.set('leader_election_master_status', { name: this.options.lease.name }, value);
  }
}

/** One moment by two clocks: the monotonic one stands still while the machine sleeps, the other may be set back. */
interface Instant {
  monotonicMs: number;
  wallMs: number;
}

const now = (): Instant => ({ monotonicMs: performance.now(), wallMs: Date.now() });

/** The longer of both times, so that doubt closes the fence; a clock set forward closes it until the next renewal. */
const ageMs = (instant: Instant): number => Math.max(performance.now() - instant.monotonicMs, Date.now() - instant.wallMs);
