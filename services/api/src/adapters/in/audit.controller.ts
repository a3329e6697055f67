import { Controller, Get, Inject, Query, UseFilters, UseGuards } from '@nestjs/common';
import type { z } from 'zod';
import { ReadAudit } from '../../app/read-audit.ts';
import { ApiKeyGuard, NeedsScope } from './api-key.guard.ts';
import { ErrorFilter } from './error.filter.ts';
import { parse } from './parse.ts';
import { listAuditQuery } from './schemas.ts';
import type { auditList } from './schemas.ts';

/** The audit log over REST. */
@Controller('admin/audit')
@UseGuards(ApiKeyGuard)
@UseFilters(ErrorFilter)
export class AuditController {
  constructor(@Inject(ReadAudit) private readonly audit: ReadAudit) {}

  @Get()
  @NeedsScope('audit:read')
  async list(@Query() query: unknown): Promise<z.output<typeof auditList>> {
    const { actor, action, target, since, until, limit, cursor } = parse(listAuditQuery, query, 'query');
    const dateOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
    const filter = { actor, action, target, since: dateOf(since), until: dateOf(until) };
    const { items, next } = await this.audit.page(filter, cursor === undefined ? undefined : BigInt(cursor), limit);
    return { items: items.map(({ id, at, ...entry }) => ({ id: id.toString(), at: at.toISOString(), ...entry })), next: next?.toString() ?? null };
  }
}
