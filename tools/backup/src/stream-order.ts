import { BUCKETS, STREAMS } from '@botplane/contracts';

const kv = (bucket: string): string => `KV_${bucket}`;

/**
 * Streams of a backup in the order in which they are saved. What names a sequence of UPDATES comes before UPDATES: a record that is ahead of
 * the stream would take new updates for settled ones. Floors of owners come before the records: a floor that is ahead would skip updates. What
 * has been sent comes after what is to be sent.
 *
 * Left out: URGENT (its queries are worth nothing after 150 s) and `runtimes` (addresses of pods; the operator writes them anew).
 */
export const SAVED_STREAMS: readonly string[] = [
  ...[BUCKETS.meta, BUCKETS.owners, BUCKETS.routes, BUCKETS.credentials, BUCKETS.tokens, BUCKETS.chatState, BUCKETS.calls, BUCKETS.campaigns].map(kv),
  STREAMS.timers, STREAMS.messages, STREAMS.events, STREAMS.dlq, STREAMS.outbound, kv(BUCKETS.sent), STREAMS.updates,
];

/** Where everything that moves a conversation is handed out; nothing else writes chats. */
export const MOVING_STREAMS: readonly string[] = [STREAMS.updates, STREAMS.timers];

/** Streams that must not hold anything when a backup is restored without `--replace`. */
export const TELLING_STREAMS: readonly string[] = [kv(BUCKETS.chatState), STREAMS.updates, STREAMS.outbound, kv(BUCKETS.sent)];
