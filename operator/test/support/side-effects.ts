import type { RouteRecord } from '@botplane/contracts';
import { WatchedBucket } from '@botplane/nats';
import type { World } from './world.ts';

/** Writes down every put of a route, to tell what was put twice or went back. */
export class RouteWitness {
  readonly problems: string[] = [];
  puts = 0;
  private readonly seen = new Map<string, { seq: number; revision: number }>();
  private readonly mirror: WatchedBucket<RouteRecord>;

  constructor(world: Pick<World, 'stores'>) {
    this.mirror = new WatchedBucket(world.stores.routes, { onChange: ({ key, entry }) => entry && this.note(key, entry.value, entry.revision) });
  }

  get ready(): Promise<void> {
    return this.mirror.ready;
  }

  close(): Promise<void> {
    return this.mirror.close();
  }

  private note(botId: string, { uid, routeSeq }: RouteRecord, revision: number): void {
    const key = `${botId}/${uid}`;
    const last = this.seen.get(key);
    if (last && revision <= last.revision) return;
    this.puts++;
    if (last?.seq === routeSeq) this.problems.push(`${botId}: routeSeq ${routeSeq} was put twice`);
    if (last && routeSeq < last.seq) this.problems.push(`${botId}: routeSeq went from ${last.seq} to ${routeSeq}`);
    this.seen.set(key, { seq: routeSeq, revision });
  }
}

/** Tokens for which a webhook was set more than once at the same address. */
export async function repeatedWebhooks(world: World, tokens: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  for (const token of tokens) {
    const urls = (await world.calls(token, 'setWebhook')).map(({ params }) => String(params['url']));
    for (const url of new Set(urls)) {
      const times = urls.filter((other) => other === url).length;
      if (times > 1) problems.push(`${times} × setWebhook ${url}`);
    }
  }
  return problems;
}
