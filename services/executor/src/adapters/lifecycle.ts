import type { ArtefactStore } from '@botplane/kit';
import type { RuntimeRecord } from '@botplane/contracts';
import type { Claims, DueTimers, Nats, WatchedBucket } from '@botplane/nats';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { GrpcGuests } from './out/grpc-guests.ts';
import type { HttpEgress } from './out/http-egress.ts';
import type { NatsRevisionStats } from './out/nats-revision-stats.ts';
import type { NatsRoutes } from './out/nats-routes.ts';

export interface LifecycleParts {
  nats: Nats;
  routes: NatsRoutes;
  runtimes: WatchedBucket<RuntimeRecord>;
  claims: Pick<Claims, 'start' | 'stop'>;
  dueTimers: DueTimers;
  stats: NatsRevisionStats;
  guests: GrpcGuests;
  egress: HttpEgress;
  store: ArtefactStore;
}

/** Begins to work when everything is known, and ends in the order that loses nothing: stop pulling, finish, release, close. */
export class Lifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(private readonly parts: LifecycleParts) {}

  async onApplicationBootstrap(): Promise<void> {
    const { routes, runtimes, claims, dueTimers, stats } = this.parts;
    await Promise.all([routes.ready, runtimes.ready]);
    claims.start();
    dueTimers.start();
    stats.start();
  }

  async onApplicationShutdown(): Promise<void> {
    const { nats, routes, runtimes, claims, dueTimers, stats, guests, egress, store } = this.parts;
    await Promise.all([claims.stop(), dueTimers.stop()]);
    stats.close();
    guests.close();
    await Promise.all([routes.close(), runtimes.close()]);
    store.close();
    await nats.connection.close();
    // Last: calls that are broken off have results that nobody may keep, for the next owner makes them again.
    await egress.close();
  }
}
