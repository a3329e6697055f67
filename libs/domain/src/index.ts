export { makeBotId, parseBotId } from './bot-id.ts';
export type { BotId } from './bot-id.ts';
export { canonicalJson, sha256Hex } from './canonical.ts';
export type { Json } from './canonical.ts';
export { chatMark } from './chat-mark.ts';
export { OUTBOUND_PARTITIONS, UPDATE_PARTITIONS, hash32, outboundPartition, podWeight, splitBucket, updatePartition } from './partition.ts';
export { orderKeyOf, readUpdateKeys, stateKeyOf } from './update-keys.ts';
export type { StateKeyKind, UpdateKeys } from './update-keys.ts';
