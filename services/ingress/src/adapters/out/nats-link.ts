import { BUCKETS } from '@botplane/contracts';
import type { RouteRecord } from '@botplane/contracts';
import type { Log } from '@botplane/kit';
import { TypedBucket, WatchedBucket } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { OnApplicationShutdown } from '@nestjs/common';

/** The connection and what hangs on it: knows whether it stands, and closes it last. */
export class NatsLink implements OnApplicationShutdown {
  readonly routes: WatchedBucket<RouteRecord>;
  private readonly nats: Nats;
  private connected = true;

  constructor(nats: Nats, log: Log) {
    this.nats = nats;
    this.routes = new WatchedBucket<RouteRecord>(new TypedBucket<RouteRecord>(nats.jsm, BUCKETS.routes), { onError: (err) => log.warn({ err }, 'watch of routes failed') });
    void this.follow(log);
  }

  get isConnected(): boolean {
    return this.connected;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.routes.close();
    await this.nats.connection.close();
  }

  private async follow(log: Log): Promise<void> {
    for await (const { type } of this.nats.connection.status()) {
      if (type !== 'disconnect' && type !== 'reconnect') continue;
      this.connected = type === 'reconnect';
      log.warn({ connected: this.connected }, 'nats connection changed');
    }
  }
}
