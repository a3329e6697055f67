import { BUCKETS } from '@botplane/contracts';
import type { Envelope, TokenSecret } from '@botplane/contracts';
import { openEnvelope } from '@botplane/kit';
import type { InstallKey } from '@botplane/kit';
import { TypedBucket, WatchedBucket } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { PollLog, Tokens } from '../../app/ports.ts';

/** Tokens from the mirror of KV `credentials`, opened once per change. */
export class NatsTokens implements Tokens {
  private readonly mirror: WatchedBucket<Envelope>;
  private readonly opened = new Map<string, { revision: number; secret: TokenSecret }>();

  constructor(
    nats: Nats,
    private readonly key: InstallKey,
    log: PollLog,
  ) {
    this.mirror = new WatchedBucket<Envelope>(new TypedBucket<Envelope>(nats.jsm, BUCKETS.credentials), {
      filter: '*.token', onChange: ({ key: name }) => this.opened.delete(name), onError: (err) => log.warn({ err }, 'watch of credentials failed'),
    });
  }

  find(botId: string): TokenSecret | undefined {
    const name = `${botId}.token`;
    const entry = this.mirror.get(name);
    if (!entry) return undefined;
    const known = this.opened.get(name);
    if (known?.revision === entry.revision) return known.secret;
    const secret = JSON.parse(openEnvelope(this.key, name, entry.value)) as TokenSecret;
    this.opened.set(name, { revision: entry.revision, secret });
    return secret;
  }

  async close(): Promise<void> {
    await this.mirror.close();
  }
}
