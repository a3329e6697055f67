import { sha256Hex } from '@botplane/domain';
import type { ApiCallRequest } from '@botplane/contracts';
import type { IncomingUpdate } from './incoming-update.ts';

/** The Idempotency-Key of an apiCall: the same for each attempt and each replay of the same step, and for nothing else. */
export function idempotencyKey(update: Pick<IncomingUpdate, 'botId' | 'orderKey' | 'seq'>, call: Pick<ApiCallRequest, 'stepPath' | 'visit'>): string {
  return sha256Hex(JSON.stringify([update.botId, update.orderKey, update.seq, call.stepPath, call.visit])).slice(0, 40);
}
