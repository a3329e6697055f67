import type { RouteRecord } from '@botplane/contracts';
import { sha256Hex } from '@botplane/domain';
import { describe, expect, it } from 'vitest';
import { decideAdmission } from './admission.ts';

const route: RouteRecord = {
  v: 1, botId: 'shop_bot', uid: 'u', routeSeq: 1, state: 'Serving', split: [], revisions: {}, stateKey: 'chat_user', webhookSecretSha256: sha256Hex('right'), telegram: { id: 1, username: 'b' },
};

describe('decideAdmission', () => {
  it.each([
    ['a known bot with its secret', route, true, 'right', 'admitted'],
    ['a known bot while the mirror is old', route, false, 'right', 'admitted'],
    ['an unknown bot', undefined, true, 'right', 'unknown_bot'],
    ['an unknown bot while the mirror is old', undefined, false, 'right', 'routes_not_synced'],
    ['a deleted bot, whatever the secret', { ...route, state: 'Deleted' }, true, undefined, 'deleted'],
    ['a suspended bot', { ...route, state: 'Suspended' }, true, 'right', 'suspended'],
    ['a suspended bot with a wrong secret', { ...route, state: 'Suspended' }, true, 'wrong', 'secret_wrong'],
    ['no secret', route, true, undefined, 'secret_missing'],
    ['an empty secret', route, true, '', 'secret_missing'],
    ['a wrong secret', route, true, 'wrong', 'secret_wrong'],
    ['the hash itself as secret', route, true, route.webhookSecretSha256, 'secret_wrong'],
    ['a route whose hash is broken', { ...route, webhookSecretSha256: '' }, true, 'right', 'secret_wrong'],
  ] as const)('%s', (_name, given, isSynced, secret, expected) => {
    const admission = decideAdmission(given as RouteRecord | undefined, isSynced, secret);
    expect(admission.kind === 'admitted' ? 'admitted' : admission.reason).toBe(expected);
  });
});
