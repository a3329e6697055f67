import { AppError, ErrorCode } from '@botplane/kit';
import { hashKey, keyState, makeKeyText } from '../domain/api-key.ts';
import type { ApiKeyRecord, Caller, Scope } from '../domain/api-key.ts';
import type { ApiKeys, Clock } from './ports.ts';

/** A key as its owner gets to see it once. */
export interface IssuedKey {
  key: string;
  record: ApiKeyRecord;
}

/** Issues, lists, rotates and revokes API keys. */
export class ManageKeys {
  private readonly keys: ApiKeys;
  private readonly clock: Clock;

  constructor(keys: ApiKeys, clock: Clock) {
    this.keys = keys;
    this.clock = clock;
  }

  /** Nobody grants a scope that he does not have. */
  async create(caller: Caller, wanted: { name: string; scopes: Scope[]; expiresAt: Date | null }): Promise<IssuedKey> {
    requireHeld(caller, wanted.scopes);
    const issued = this.issue(wanted);
    await this.keys.create(issued.record, { actor: caller.keyId, action: 'keys.create', target: `keys/${issued.record.id}`, details: { name: wanted.name, scopes: wanted.scopes, expiresAt: wanted.expiresAt?.toISOString() ?? null } });
    return issued;
  }

  async list(afterId: string | undefined, max: number): Promise<{ items: ApiKeyRecord[]; next: string | null }> {
    const found = await this.keys.page(afterId, max + 1);
    const items = found.slice(0, max);
    return { items, next: found.length > max ? (items.at(-1)?.id ?? null) : null };
  }

  /** A new key with the same name and scopes takes over; the old one ends now, or after a grace time. */
  async rotate(caller: Caller, id: string, graceSeconds: number): Promise<IssuedKey> {
    const old = await this.findActive(id);
    requireHeld(caller, old.scopes);
    const now = this.clock.nowMs();
    const issued = this.issue({ name: old.name, scopes: old.scopes, expiresAt: renewed(old, now) });
    const graceEnd = now + graceSeconds * 1_000;
    const end = graceSeconds === 0 ? { revokedAt: new Date(now) } : { expiresAt: new Date(Math.min(graceEnd, old.expiresAt?.getTime() ?? graceEnd)) };
    const audit = { actor: caller.keyId, action: 'keys.rotate', target: `keys/${id}`, details: { successor: issued.record.id, graceSeconds } };
    if (!(await this.keys.replace(id, end, issued.record, audit))) throw ended(id);
    return issued;
  }

  /** Ends a key at once; answers when it ended, also if that was before. */
  async revoke(caller: Caller, id: string): Promise<Date> {
    const key = await this.find(id);
    if (key.revokedAt !== null) return key.revokedAt;
    const at = new Date(this.clock.nowMs());
    await this.keys.revoke(id, at, { actor: caller.keyId, action: 'keys.revoke', target: `keys/${id}`, details: { name: key.name } });
    return at;
  }

  private issue(wanted: { name: string; scopes: Scope[]; expiresAt: Date | null }): IssuedKey {
    const { id, text } = makeKeyText();
    return { key: text, record: { id, hash: hashKey(text), ...wanted, createdAt: new Date(this.clock.nowMs()), revokedAt: null, lastUsedAt: null } };
  }

  private async find(id: string): Promise<ApiKeyRecord> {
    const key = await this.keys.find(id);
    if (key === undefined) throw new AppError(ErrorCode.NotFound, `there is no API key ${id}; GET /admin/keys lists them`);
    return key;
  }

  private async findActive(id: string): Promise<ApiKeyRecord> {
    const key = await this.find(id);
    if (keyState(key, this.clock.nowMs()) !== 'active') throw ended(id);
    return key;
  }
}

/** A key that was made for 30 days is renewed for 30 days. */
function renewed(old: ApiKeyRecord, nowMs: number): Date | null {
  return old.expiresAt === null ? null : new Date(nowMs + old.expiresAt.getTime() - old.createdAt.getTime());
}

function requireHeld(caller: Caller, scopes: readonly Scope[]): void {
  const missing = scopes.filter((scope) => !caller.scopes.includes(scope));
  if (missing.length > 0) throw new AppError(ErrorCode.Forbidden, `the API key cannot hand out ${missing.join(', ')}, since it does not have it; use a key that does`);
}

const ended = (id: string): AppError => new AppError(ErrorCode.Conflict, `the API key ${id} has ended; make a new one with POST /admin/keys`);
