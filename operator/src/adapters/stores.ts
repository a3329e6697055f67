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

/** `beforeWrite` is asked right before each write; what it throws refuses the write. */
export const openStores = ({ jsm }: Nats, beforeWrite?: () => void): Stores => ({
  routes: new TypedBucket(jsm, BUCKETS.routes, beforeWrite),
  runtimes: new TypedBucket(jsm, BUCKETS.runtimes, beforeWrite),
  credentials: new TypedBucket(jsm, BUCKETS.credentials, beforeWrite),
  tokens: new TypedBucket(jsm, BUCKETS.tokens, beforeWrite),
});
