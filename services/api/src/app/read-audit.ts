import type { AuditFilter, AuditLog, AuditRecord } from './ports.ts';

/** Reads the audit log. */
export class ReadAudit {
  private readonly audit: AuditLog;

  constructor(audit: AuditLog) {
    this.audit = audit;
  }

  /** One page, newest first; `next` is null at the end. */
  async page(filter: AuditFilter, beforeId: bigint | undefined, max: number): Promise<{ items: AuditRecord[]; next: bigint | null }> {
    const found = await this.audit.page(filter, beforeId, max + 1);
    const items = found.slice(0, max);
    return { items, next: found.length > max ? (items.at(-1)?.id ?? null) : null };
  }
}
