import { BUCKETS } from '@botplane/contracts';
import type { Envelope, TokenSecret } from '@botplane/contracts';
import type { Nats } from './connect.ts';
import { LIMITS } from './limits.ts';
import { TypedBucket } from './typed-bucket.ts';
import { WatchedBucket } from './watched-bucket.ts';

export interface TokenMirrorOptions {
  /** Opens the envelope of this KV key; throws when it cannot. */
  open: (name: string, envelope: Envelope) => string;
  onError: (error: Error) => void;
}

/** Tokens of bots from a mirror of KV `credentials`, opened once per change. */
export class TokenMirror {
  private readonly mirror: WatchedBucket<Envelope>;
  private readonly opened = new Map<string, { revision: number; secret: TokenSecret }>();

  constructor(
    nats: Nats,
    private readonly options: TokenMirrorOptions,
  ) {
    this.mirror = new WatchedBucket<Envelope>(new TypedBucket<Envelope>(nats.jsm, BUCKETS.credentials), {
      filter: '*.token',
      onChange: ({ key }) => this.opened.delete(key),
      onError: options.onError,
    });
  }

  /** Undefined when the bot has none; throws what `open` throws. */
  find(botId: string): TokenSecret | undefined {
    const name = `${botId}.token`;
    const entry = this.mirror.get(name);
    if (!entry) return undefined;
    const known = this.opened.get(name);
    if (known?.revision === entry.revision) return known.secret;
    const secret = JSON.parse(this.options.open(name, entry.value)) as TokenSecret;
    this.opened.set(name, { revision: entry.revision, secret });
    return secret;
  }

  /** True when a token that is not found does not exist. */
  isSynced(): boolean {
    return this.mirror.isReady && this.mirror.ageMs() < LIMITS.tokensAgeMsMax;
  }

  async close(): Promise<void> {
    await this.mirror.close();
  }
}
