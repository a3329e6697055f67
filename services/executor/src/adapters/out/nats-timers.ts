import { Timers } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { ArmableTimer, TimerStore } from '../../app/ports.ts';
import type { IncomingUpdate } from '../../domain/incoming-update.ts';
import { orTemporary } from './temporary.ts';

/** Durable timers of state keys. */
export class NatsTimers implements TimerStore {
  private readonly timers: Timers;

  constructor(nats: Nats) {
    this.timers = new Timers(nats);
  }

  async arm(update: IncomingUpdate, timer: ArmableTimer): Promise<void> {
    const { partition, botId, orderKey, stateKey, seq } = update;
    await orTemporary('nats', () => this.timers.arm({ partition, botId, orderKey, stateKey, key: timer.key, nonce: timer.nonce, atMs: timer.atMs, armedBy: seq }));
  }

  async disarm(update: IncomingUpdate, timer: ArmableTimer): Promise<void> {
    const { partition, botId, stateKey, seq } = update;
    await orTemporary('nats', () => this.timers.disarm({ partition, botId, stateKey, key: timer.key, armedBy: seq }));
  }
}
