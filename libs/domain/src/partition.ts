/** Partitions of UPDATES and TIMERS; written once to KV `meta` and never changed (design: other values are refused). */
export const UPDATE_PARTITIONS = 64;
/** Partitions of OUTBOUND. */
export const OUTBOUND_PARTITIONS = 16;

/**
 * 32-bit FNV-1a over UTF-8 with a final avalanche (murmur3's fmix32), so that similar keys spread evenly.
 * The result is part of the stored data's layout: changing it moves chats between partitions.
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) {
    hash ^= byte;
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Partition of an update: all updates of one order key share it. */
export function updatePartition(botId: string, orderKey: string): number {
  return hash32(`${botId}/${orderKey}`) % UPDATE_PARTITIONS;
}

/** Partition of a bot's outgoing calls. */
export function outboundPartition(botId: string): number {
  return hash32(botId) % OUTBOUND_PARTITIONS;
}

/** Bucket 0..9999 of a chat for splits by weight: sticky per (bot, chat, candidate), and a higher weight only adds chats. */
export function splitBucket(botId: string, chat: string, candidate: string): number {
  return hash32(`${botId}/${chat}/${candidate}`) % 10_000;
}

/** A bot runs in the pod of its pool with the highest weight: executors send it there, and the operator loads it there before. */
export function podWeight(botId: string, podUid: string): number {
  return hash32(`${botId}/${podUid}`);
}
