import type { Db, Prisma } from '@botplane/db';
import type { Json } from '@botplane/domain';
import type { AuditEntry, AuditFilter, AuditLog, AuditRecord } from '../../app/ports.ts';
import { toRow } from './prisma-api-keys.ts';
import { storeAnswers } from './store-errors.ts';

/** Control actions in `audit_log`. */
export class PrismaAuditLog implements AuditLog {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async add(entry: AuditEntry): Promise<void> {
    await storeAnswers(() => this.db.auditEntry.create({ data: toRow(entry) }));
  }

  async page({ actor, action, target, since, until }: AuditFilter, beforeId: bigint | undefined, max: number): Promise<AuditRecord[]> {
    const where: Prisma.AuditEntryWhereInput = {
      ...(actor === undefined ? {} : { actor }), ...(action === undefined ? {} : { action }), ...(target === undefined ? {} : { target: { startsWith: target } }),
      at: { ...(since === undefined ? {} : { gte: since }), ...(until === undefined ? {} : { lt: until }) },
      ...(beforeId === undefined ? {} : { id: { lt: beforeId } }),
    };
    const rows = await storeAnswers(() => this.db.auditEntry.findMany({ where, orderBy: { id: 'desc' }, take: max }));
    return rows.map(({ details, ...row }) => ({ ...row, details: details as Json }));
  }
}
