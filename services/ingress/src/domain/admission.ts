import { timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '@botplane/domain';
import type { RouteRecord } from '@botplane/contracts';

/** Why a request is not taken. */
/** Why a request is not let in. */
export const REFUSALS = ['source_refused', 'rate_limited', 'unknown_bot', 'routes_not_synced', 'deleted', 'suspended', 'secret_missing', 'secret_wrong'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Why an update of somebody who was let in is not taken. */
export const STORE_REFUSALS = ['not_an_update', 'overloaded', 'bot_overloaded', 'store_full', 'store_unavailable', 'shutting_down'] as const;
export type StoreRefusal = (typeof STORE_REFUSALS)[number];

export type Admission = { kind: 'admitted'; route: RouteRecord } | { kind: 'refused'; reason: Refusal };

export const refused = (reason: Refusal): Admission & { kind: 'refused' } => ({ kind: 'refused', reason });

/** Decides from the route and the secret whether a webhook request may hand in an update. `isSynced`: a missing route is really missing. */
export function decideAdmission(route: RouteRecord | undefined, isSynced: boolean, secret: string | undefined): Admission {
  if (!route) return refused(isSynced ? 'unknown_bot' : 'routes_not_synced');
  if (route.state === 'Deleted') return refused('deleted');
  if (secret === undefined || secret === '') return refused('secret_missing');
  if (!isSecret(secret, route.webhookSecretSha256)) return refused('secret_wrong');
  return route.state === 'Suspended' ? refused('suspended') : { kind: 'admitted', route };
}

/** Compares in a time that does not depend on how much of the secret is right. */
function isSecret(secret: string, expectedSha256: string): boolean {
  const given = Buffer.from(sha256Hex(secret), 'hex');
  const expected = Buffer.from(expectedSha256, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
