import { orderKeyOf, readUpdateKeys, stateKeyOf, updatePartition } from '@botplane/domain';
import type { StateKeyKind } from '@botplane/domain';

/** An update with everything the stream wants to know about it. */
export interface StoredUpdate {
  readonly botId: string;
  readonly updateId: number;
  readonly kind: string;
  readonly partition: number;
  readonly orderKey: string;
  readonly stateKey: string;
  readonly acceptedMs: number;
  /** The request's body as it came. */
  readonly body: Uint8Array;
}

/** Reads a request's body; undefined when it is no update. */
export function readUpdate(botId: string, stateKey: StateKeyKind, body: Uint8Array, acceptedMs: number): StoredUpdate | undefined {
  const keys = readUpdateKeys(parse(body));
  if (!keys) return undefined;
  const orderKey = orderKeyOf(keys, stateKey);
  return { botId, updateId: keys.updateId, kind: keys.kind, partition: updatePartition(botId, orderKey), orderKey, stateKey: stateKeyOf(keys, stateKey), acceptedMs, body };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}
