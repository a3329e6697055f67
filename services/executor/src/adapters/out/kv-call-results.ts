import type { ApiCallResult } from '@botplane/contracts';
import type { TypedBucket } from '@botplane/nats';
import type { CallResults } from '../../app/ports.ts';
import { orTemporary } from './temporary.ts';

/** Results of apiCalls in KV `calls`, which forgets them after an hour. */
export class KvCallResults implements CallResults {
  constructor(private readonly bucket: TypedBucket<ApiCallResult>) {}

  async find(key: string): Promise<ApiCallResult | undefined> {
    return (await orTemporary('nats', () => this.bucket.get(key)))?.value;
  }

  async keep(key: string, result: ApiCallResult): Promise<void> {
    await orTemporary('nats', () => this.bucket.put(key, result));
  }
}
