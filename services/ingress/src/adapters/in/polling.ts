import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { TokenMirror } from '@botplane/nats';
import type { NatsSlots } from '../out/nats-slots.ts';
import type { Pollers } from '../../app/pollers.ts';

/** Begins and ends the polling of this process. */
export class Polling implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    private readonly slots: NatsSlots,
    private readonly pollers: Pollers,
    private readonly tokens: TokenMirror,
  ) {}

  onApplicationBootstrap(): void {
    this.slots.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.slots.stop();
    await this.pollers.endAll();
    await this.tokens.close();
  }
}
