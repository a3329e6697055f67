import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import { LIMITS } from './limits.ts';

/** Sent instead of a heartbeat by a member that leaves, so that nobody waits for its silence. */
const BYE = '!';

/**
 * Who works on a stream right now: each member says so on core NATS. A view, not a lock; what keeps two owners apart is the
 * compare-and-set of the claim and the deletion of the old consumer.
 */
export class Membership {
  private readonly seen = new Map<string, number>();
  private readonly subject: string;
  private subscription: Subscription | undefined;
  private timer: NodeJS.Timeout | undefined;
  private startedMs = 0;

  constructor(
    private readonly connection: NatsConnection,
    group: string,
    readonly member: string,
  ) {
    this.subject = `botplane.members.${group}`;
  }

  start(): void {
    this.startedMs = performance.now();
    this.subscription = this.connection.subscribe(this.subject, {
      callback: (error, message) => {
        if (error === null) this.hear(message.string());
      },
    });
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
    return !this.seen.has(member) && performance.now() - this.startedMs < LIMITS.memberDeadMs;
  }

  /** Tells the others that this member leaves. */
  stop(): void {
    clearInterval(this.timer);
    this.subscription?.unsubscribe();
    if (!this.connection.isClosed()) this.connection.publish(this.subject, BYE + this.member);
  }

  /** After a lost connection everybody's silence is ours: start to listen anew. */
  forgetOthers(): void {
    this.seen.clear();
    this.startedMs = performance.now();
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
