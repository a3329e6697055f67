import type { RouteRecord } from '@botplane/contracts';
import { WatchedBucket } from '@botplane/nats';
import type { TypedBucket } from '@botplane/nats';
import type { Routes } from '../../app/ports.ts';
import { orTemporary } from './temporary.ts';

/** Routes, mirrored in memory. A route that vanishes without a tombstone is kept: only the operator says that a bot is gone. */
export class NatsRoutes implements Routes {
  private readonly known = new Map<string, RouteRecord>();
  private readonly mirror: WatchedBucket<RouteRecord>;

  constructor(
    private readonly bucket: TypedBucket<RouteRecord>,
    onError: (error: Error) => void,
  ) {
    this.mirror = new WatchedBucket(bucket, {
      onChange: ({ key, entry }) => {
        if (entry !== undefined) this.known.set(key, entry.value);
      },
      onError,
    });
  }

  find(botId: string): RouteRecord | undefined {
    return this.known.get(botId);
  }

  async refresh(botId: string): Promise<RouteRecord | undefined> {
    const entry = await orTemporary('nats', () => this.bucket.get(botId));
    if (entry !== undefined) this.known.set(botId, entry.value);
    return entry?.value;
  }

  get isReady(): boolean {
    return this.mirror.isReady;
  }

  /** Resolves with the first full sync. */
  get ready(): Promise<void> {
    return this.mirror.ready;
  }

  ageMs(): number {
    return this.mirror.ageMs();
  }

  async close(): Promise<void> {
    await this.mirror.close();
  }
}
