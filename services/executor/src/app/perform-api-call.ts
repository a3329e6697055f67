import type { ApiCallRequest, ApiCallResult } from '@botplane/contracts';
import { idempotencyKey } from '../domain/idempotency-key.ts';
import type { IncomingUpdate } from '../domain/incoming-update.ts';
import { LIMITS } from '../limits.ts';
import type { CallResults, Crashes, Egress, GuestAddress, Passports, Secrets } from './ports.ts';

const READS = new Set(['GET', 'HEAD']);

export interface PerformApiCallParts {
  passports: Passports;
  secrets: Secrets;
  results: CallResults;
  egress: Egress;
  crashes: Crashes;
}

/** Performs the request of a guest: at least once, with one key for all its attempts and replays. */
export class PerformApiCall {
  constructor(private readonly parts: PerformApiCallParts) {}

  async execute(update: IncomingUpdate, guest: GuestAddress & { revision: string }, call: ApiCallRequest, stop?: AbortSignal): Promise<ApiCallResult> {
    const { passports, secrets, results, egress, crashes } = this.parts;
    const key = idempotencyKey(update, call);
    const isRead = READS.has(call.method);
    if (!isRead) {
      const kept = await results.find(key);
      if (kept !== undefined) return kept;
    }
    const { security } = await passports.get(guest.botId, guest.revHash);
    const needsSecrets = Object.values(call.headers).some((value) => value.includes('{{'));
    const performed = await egress.perform(call, {
      allowDomains: security.allowDomains,
      responseBytesMax: Math.min(security.maxApiResponseKB * 1_024, LIMITS.apiResponseBytesMax),
      idempotencyKey: key,
      span: update.span,
      ...(stop === undefined ? {} : { stop }),
      secrets: needsSecrets ? await secrets.get(guest.botId, guest.revision) : {},
    });
    const result: ApiCallResult = Buffer.byteLength(JSON.stringify(performed)) > LIMITS.apiResultBytesMax ? { ok: false, code: 'too_large' } : performed;
    // Kept before the guest sees it: a crash between the two must not make the call again.
    // One that was told to stop has no result that anybody waits for.
    if (!isRead && stop?.aborted !== true) {
      await results.keep(key, result);
      crashes.hit('after-call-kept');
    }
    return result;
  }
}
