import { BUCKETS } from '@botplane/contracts';
import type { Envelope, RouteRecord, RuntimeRecord, TokenClaim } from '@botplane/contracts';
import { TypedBucket } from '@botplane/nats';
import type { Nats } from '@botplane/nats';

/** The KV buckets that only the operator writes. */
export interface Stores {
  routes: TypedBucket<RouteRecord>;
  runtimes: TypedBucket<RuntimeRecord>;
  credentials: TypedBucket<Envelope>;
  tokens: TypedBucket<TokenClaim>;
}

export const openStores = ({ jsm }: Nats): Stores => ({
  routes: new TypedBucket(jsm, BUCKETS.routes),
  runtimes: new TypedBucket(jsm, BUCKETS.runtimes),
  credentials: new TypedBucket(jsm, BUCKETS.credentials),
  tokens: new TypedBucket(jsm, BUCKETS.tokens),
});
