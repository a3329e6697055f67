import { randomBytes } from 'node:crypto';
import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import { LIMITS } from './limits.ts';
import { pause } from './pause.ts';

/** Sent instead of a heartbeat by a member that leaves, so that nobody waits for its silence. */
const BYE = '!';

/** Name of a process among the members of its service. New at each start: a process that comes back is another member. */
export function memberName(host: string): string {
  return `${host.replace(/[^A-Za-z0-9-]/g, '-')}-${randomBytes(6).toString('hex')}`;
}

/**
 * Who works on a stream right now: each member says so on core NATS. A view, not a lock; what keeps two owners apart is the
 * compare-and-set of the claim and the deletion of the old consumer.
 */
export class Membership {
  private readonly seen = new Map<string, number>();
  private readonly subject: string;
  /** Who publishes here knows nobody yet: the others answer with a heartbeat at once. */
  private readonly rollCall: string;
  private subscriptions: Subscription[] = [];
  private timer: NodeJS.Timeout | undefined;
  private listeningSinceMs = 0;
  /** How long nothing is concluded from not having heard of a member. */
  private listenMs: number = LIMITS.rollCallMs;

  constructor(
    private readonly connection: NatsConnection,
    group: string,
    readonly member: string,
  ) {
    this.subject = `botplane.members.${group}`;
    this.rollCall = `${this.subject}.roll-call`;
  }

  /** Begins to hear who is there, without counting as a member: early, so that less is left to wait for at the start. */
  listen(): void {
    if (this.subscriptions.length > 0) return;
    const hear = (subject: string, take: (text: string) => void): Subscription =>
      this.connection.subscribe(subject, {
        callback: (error, message) => {
          if (error === null) take(message.string());
        },
      });
    this.subscriptions = [hear(this.subject, (text) => this.hear(text)), hear(this.rollCall, () => this.answer())];
    this.callRoll(LIMITS.rollCallMs);
  }

  /** From now on a member. */
  start(): void {
    this.listen();
    this.beat();
    this.timer = setInterval(() => this.beat(), LIMITS.heartbeatMs);
  }

  /** Living members in order of name, this one always among them. */
  alive(): string[] {
    const nowMs = performance.now();
    const names = [...this.seen].filter(([, heardMs]) => nowMs - heardMs < LIMITS.memberDeadMs).map(([name]) => name);
    if (!names.includes(this.member)) names.push(this.member);
    return names.sort();
  }

  /** False also for a member never heard of, but only once it had the time to be heard. */
  mayBeAlive(member: string): boolean {
    if (this.alive().includes(member)) return true;
    return !this.seen.has(member) && this.listeningLeftMs > 0;
  }

  /** A member never heard of may also be too busy to answer the roll call: only a longer silence tells that it is dead. */
  mayBeBusy(member: string): boolean {
    return !this.seen.has(member) && performance.now() - this.listeningSinceMs < LIMITS.memberDeadMs;
  }

  /** Tells the others that this member leaves. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    if (!this.connection.isClosed()) this.connection.publish(this.subject, BYE + this.member);
  }

  /** After a lost connection everybody's silence is ours: start to listen anew, and longer, because the others may still be connecting. */
  forgetOthers(): void {
    this.seen.clear();
    this.beat();
    this.callRoll(LIMITS.memberDeadMs);
  }

  /** Resolves when silence says something: the time to listen is over, and what the server had for us by then is heard. */
  async heard(signal: AbortSignal): Promise<void> {
    await pause(Math.ceil(this.listeningLeftMs) + 1, signal);
    const flushed = this.connection.flush().catch(() => undefined); // Not connected: whoever waits finds out.
    await Promise.race([flushed, pause(LIMITS.memberDeadMs, signal)]);
  }

  private get listeningLeftMs(): number {
    return Math.max(0, this.listeningSinceMs + this.listenMs - performance.now());
  }

  private callRoll(listenMs: number): void {
    this.listeningSinceMs = performance.now();
    this.listenMs = listenMs;
    if (!this.connection.isClosed()) this.connection.publish(this.rollCall);
  }

  private answer(): void {
    if (this.timer !== undefined) this.beat();
  }

  private beat(): void {
    if (!this.connection.isClosed()) this.connection.publish(this.subject, this.member);
  }

  private hear(text: string): void {
    if (!text.startsWith(BYE)) {
      this.seen.set(text, performance.now());
      return;
    }
    // Kept with a time long ago, so that it counts as heard of and dead.
    this.seen.set(text.slice(BYE.length), Number.NEGATIVE_INFINITY);
  }
}
