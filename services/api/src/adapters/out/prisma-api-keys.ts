import type { Db, Prisma } from '@botplane/db';
import type { ApiKeys, AuditEntry } from '../../app/ports.ts';
import { SCOPES } from '../../domain/api-key.ts';
import type { ApiKeyRecord, Scope } from '../../domain/api-key.ts';
import { storeAnswers } from './store-errors.ts';

/** API keys in `api_keys`; every change and its audit entry are one transaction. */
export class PrismaApiKeys implements ApiKeys {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async find(id: string): Promise<ApiKeyRecord | undefined> {
    const row = await storeAnswers(() => this.db.apiKey.findUnique({ where: { id } }));
    return row === null ? undefined : toRecord(row);
  }

  async page(afterId: string | undefined, max: number): Promise<ApiKeyRecord[]> {
    const query: Prisma.ApiKeyFindManyArgs = { orderBy: [{ createdAt: 'asc' }, { id: 'asc' }], take: max };
    const rows = await storeAnswers(() => this.db.apiKey.findMany(afterId === undefined ? query : { ...query, cursor: { id: afterId }, skip: 1 }));
    return rows.map(toRecord);
  }

  async create(key: ApiKeyRecord, audit: AuditEntry): Promise<void> {
    await storeAnswers(() => this.db.$transaction([this.db.apiKey.create({ data: key }), this.db.auditEntry.create({ data: toRow(audit) })]));
  }

  async replace(oldId: string, end: { revokedAt: Date } | { expiresAt: Date }, successor: ApiKeyRecord, audit: AuditEntry): Promise<boolean> {
    return storeAnswers(() => this.db.$transaction(async (db) => {
      const { count } = await db.apiKey.updateMany({ where: { id: oldId, revokedAt: null }, data: end });
      if (count === 0) return false;
      await db.apiKey.create({ data: successor });
      await db.auditEntry.create({ data: toRow(audit) });
      return true;
    }));
  }

  async revoke(id: string, at: Date, audit: AuditEntry): Promise<boolean> {
    return storeAnswers(() => this.db.$transaction(async (db) => {
      const { count } = await db.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: at } });
      if (count > 0) await db.auditEntry.create({ data: toRow(audit) });
      return count > 0;
    }));
  }

  async markUsed(id: string, at: Date): Promise<void> {
    await storeAnswers(() => this.db.apiKey.updateMany({ where: { id }, data: { lastUsedAt: at } }));
  }
}

/** An audit entry as a row. */
export const toRow = ({ actor, action, target, details }: AuditEntry): Prisma.AuditEntryCreateInput => ({ actor, action, target, details });

/** A scope that this version does not know gives nothing. */
const toRecord = (row: Omit<ApiKeyRecord, 'scopes'> & { scopes: string[] }): ApiKeyRecord => ({ ...row, scopes: row.scopes.filter((scope): scope is Scope => SCOPES.includes(scope as Scope)) });
