import { BUCKETS } from '@botplane/contracts';
import type { Envelope } from '@botplane/contracts';
import type { Log } from '@botplane/kit';
import { TypedBucket, WatchedBucket } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { OnApplicationShutdown } from '@nestjs/common';

/** The connection and the mirror of the tokens; closed last. */
export class NatsLink implements OnApplicationShutdown {
  readonly tokens: WatchedBucket<Envelope>;
  private readonly nats: Nats;
  private connected = true;

  constructor(nats: Nats, log: Log) {
    this.nats = nats;
    this.tokens = new WatchedBucket<Envelope>(new TypedBucket<Envelope>(nats.jsm, BUCKETS.credentials), { filter: '*.token', onError: (err) => log.warn({ err }, 'watch of credentials failed') });
    void this.follow(log);
  }

  get isConnected(): boolean {
    return this.connected;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.tokens.close();
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
