import type { Envelope } from '@botplane/contracts';
import { openEnvelope } from '@botplane/kit';
import type { InstallKey } from '@botplane/kit';
import type { TypedBucket } from '@botplane/nats';
import type { Secrets } from '../../app/ports.ts';
import { orTemporary } from './temporary.ts';

/** Values of secretRefs, opened when they are needed and not kept. */
export class KvSecrets implements Secrets {
  constructor(
    private readonly bucket: TypedBucket<Envelope>,
    private readonly key: InstallKey,
  ) {}

  async get(botId: string, revision: string): Promise<{ [name: string]: string }> {
    const kvKey = `${botId}.secrets.${revision}`;
    const entry = await orTemporary('nats', () => this.bucket.get(kvKey));
    if (entry === undefined) return {};
    // An envelope of another key is being sealed anew by the operator: that passes.
    return orTemporary('secrets', async () => JSON.parse(openEnvelope(this.key, kvKey, entry.value)) as { [name: string]: string });
  }
}
