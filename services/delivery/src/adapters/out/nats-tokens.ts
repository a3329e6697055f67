import type { Envelope, TokenSecret } from '@botplane/contracts';
import { openEnvelope } from '@botplane/kit';
import type { InstallKey } from '@botplane/kit';
import type { WatchedBucket } from '@botplane/nats';
import type { Tokens } from '../../app/ports.ts';
import { CREDENTIALS_AGE_MS_MAX } from '../../limits.ts';

/** Tokens from the mirror of KV `credentials`, opened once per change. */
export class NatsTokens implements Tokens {
  private readonly mirror: WatchedBucket<Envelope>;
  private readonly key: InstallKey;
  private readonly opened = new Map<string, { revision: number; secret: TokenSecret }>();

  constructor(mirror: WatchedBucket<Envelope>, key: InstallKey) {
    this.mirror = mirror;
    this.key = key;
  }

  find(botId: string): TokenSecret | undefined {
    const name = `${botId}.token`;
    const entry = this.mirror.get(name);
    if (!entry) {
      this.opened.delete(name);
      return undefined;
    }
    const known = this.opened.get(name);
    if (known?.revision === entry.revision) return known.secret;
    const secret = JSON.parse(openEnvelope(this.key, name, entry.value)) as TokenSecret;
    this.opened.set(name, { revision: entry.revision, secret });
    return secret;
  }

  isSynced(): boolean {
    return this.mirror.isReady && this.mirror.ageMs() < CREDENTIALS_AGE_MS_MAX;
  }
}
