import { AppError, ErrorCode } from '@botplane/kit';
import { INSTALL_KEY_ACTOR, SCOPES, hashKey, hashesMatch, keyIdOf, keyState } from '../domain/api-key.ts';
import type { ApiKeyRecord, Caller, Scope } from '../domain/api-key.ts';
import { KEY_USED_INTERVAL_MS } from '../limits.ts';
import type { ApiKeys, Clock } from './ports.ts';

const HINT = 'send Authorization: Bearer bp_<id>_<secret> with a valid key';

/** Says who a request comes from, by its API key. */
export class Authenticate {
  private readonly keys: ApiKeys;
  private readonly clock: Clock;
  private readonly installKeyHash: string | undefined;

  /** The install's own key has every scope and is checked without the database. */
  constructor(keys: ApiKeys, clock: Clock, installKey: { hash: string | undefined }) {
    this.keys = keys;
    this.clock = clock;
    this.installKeyHash = installKey.hash;
  }

  /** Throws AppError `request.unauthenticated` unless the header holds an active key. */
  async execute(authorization: string | undefined): Promise<Caller> {
    const text = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (text === undefined) throw refused(`no API key; ${HINT}`);
    const hash = hashKey(text);
    if (this.installKeyHash !== undefined && hashesMatch(this.installKeyHash, hash)) return { keyId: INSTALL_KEY_ACTOR, scopes: SCOPES };
    const id = keyIdOf(text);
    const key = id === undefined ? undefined : await this.keys.find(id);
    if (key === undefined || !hashesMatch(key.hash, hash)) throw refused(`the API key is not known; ${HINT}`);
    const state = keyState(key, this.clock.nowMs());
    if (state !== 'active') throw refused(`the API key is ${state}; ask for a new one`);
    await this.markUsed(key);
    return { keyId: key.id, scopes: key.scopes };
  }

  private async markUsed(key: ApiKeyRecord): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (key.lastUsedAt === null || nowMs - key.lastUsedAt.getTime() >= KEY_USED_INTERVAL_MS) await this.keys.markUsed(key.id, new Date(nowMs));
  }
}

/** Throws AppError `request.forbidden` unless the caller has the scope. */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.includes(scope)) throw new AppError(ErrorCode.Forbidden, `the API key lacks the scope ${scope}; use a key that has it`, { keyId: caller.keyId });
}

const refused = (message: string): AppError => new AppError(ErrorCode.Unauthenticated, message);
