import type { Db } from '@botplane/db';
import type { AuditEntry, AuditLog } from '../../app/ports.ts';
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
}
