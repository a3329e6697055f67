import { URGENT_KINDS } from '@botplane/contracts';
import { orderKeyOf, readUpdateKeys, stateKeyOf, updatePartition } from '@botplane/domain';
import type { StateKeyKind } from '@botplane/domain';

/** An update with everything the stream wants to know about it. */
export interface StoredUpdate {
  readonly botId: string;
  readonly updateId: number;
  readonly kind: string;
  /** `urgent`: worth something for seconds only, so it keeps no order. */
  readonly lane: 'updates' | 'urgent';
  readonly partition: number;
  readonly orderKey: string;
  readonly stateKey: string;
  readonly acceptedMs: number;
  /** The request's body as it came. */
  readonly body: Uint8Array;
}

/** Reads a request's body; undefined when it is no update. */
export function readUpdate(botId: string, stateKey: StateKeyKind, body: Uint8Array, acceptedMs: number): StoredUpdate | undefined {
  const update = parse(body);
  const keys = readUpdateKeys(update);
  if (!keys) return undefined;
  const orderKey = orderKeyOf(keys, stateKey);
  return { botId, updateId: keys.updateId, kind: keys.kind, lane: laneOf(keys.kind, update), partition: updatePartition(botId, orderKey), orderKey, stateKey: stateKeyOf(keys, stateKey), acceptedMs, body };
}

const URGENT: ReadonlySet<string> = new Set(URGENT_KINDS);

function laneOf(kind: string, update: unknown): StoredUpdate['lane'] {
  if (URGENT.has(kind)) return 'urgent';
  if (kind !== 'chat_join_request') return 'updates';
  // With a query_id Telegram waits for the decision; without one people decide in their own time.
  return typeof (update as { chat_join_request: { query_id?: unknown } }).chat_join_request.query_id === 'string' ? 'urgent' : 'updates';
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}
