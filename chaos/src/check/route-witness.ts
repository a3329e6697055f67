import type { RouteRecord } from '@botplane/contracts';
import { WatchedBucket } from '@botplane/nats';
import type { TypedBucket } from '@botplane/nats';

/** One put of a route, as the stream has it. */
export interface RoutePut {
  botId: string;
  routeSeq: number;
  revision: number;
}

/** Writes down every put of a route, to tell whether somebody ever went back to a lower number. */
export class RouteWitness {
  private readonly puts: RoutePut[] = [];
  /** Revisions of puts that were the harm itself. */
  private readonly harm = new Set<number>();
  private readonly mirror: WatchedBucket<RouteRecord>;

  constructor(private readonly routes: TypedBucket<RouteRecord>) {
    this.mirror = new WatchedBucket(routes, { onChange: ({ key, entry }) => entry && this.puts.push({ botId: key, routeSeq: entry.value.routeSeq, revision: entry.revision }) });
  }

  get ready(): Promise<void> {
    return this.mirror.ready;
  }

  /** Puts an older route, as a backup that is restored. */
  async restore(botId: string, route: RouteRecord): Promise<void> {
    this.harm.add(await this.routes.put(botId, route));
  }

  /** Puts with a lower number than one before them, for people. */
  wentBack(): string[] {
    return findStepsBack(this.puts, this.harm);
  }

  async close(): Promise<void> {
    await this.mirror.close();
  }
}

/** Every step back to a lower number, in the order of the stream; puts that were the harm itself do not count. Pure. */
export function findStepsBack(puts: readonly RoutePut[], harm: ReadonlySet<number>): string[] {
  const highest = new Map<string, number>();
  return puts.toSorted((a, b) => a.revision - b.revision).flatMap(({ botId, routeSeq, revision }) => {
    const before = highest.get(botId) ?? 0;
    highest.set(botId, Math.max(before, routeSeq));
    return routeSeq < before && !harm.has(revision) ? [`routeSeq of ${botId} went from ${before} to ${routeSeq}`] : [];
  });
}
