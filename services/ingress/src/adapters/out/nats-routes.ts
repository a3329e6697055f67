import type { RouteRecord } from '@botplane/contracts';
import type { WatchedBucket } from '@botplane/nats';
import type { PolledRoutes, Routes } from '../../app/ports.ts';
import { ROUTES_AGE_MS_MAX } from '../../limits.ts';

/** The mirror of KV `routes`. A bot that was known stays known while NATS is away. */
export class NatsRoutes implements Routes, PolledRoutes {
  private readonly mirror: WatchedBucket<RouteRecord>;

  constructor(mirror: WatchedBucket<RouteRecord>) {
    this.mirror = mirror;
  }

  find(botId: string): RouteRecord | undefined {
    return this.mirror.get(botId)?.value;
  }

  *all(): Generator<RouteRecord> {
    for (const botId of this.mirror.keys()) {
      const route = this.find(botId);
      if (route) yield route;
    }
  }

  isSynced(): boolean {
    return this.mirror.isReady && this.mirror.ageMs() < ROUTES_AGE_MS_MAX;
  }
}
