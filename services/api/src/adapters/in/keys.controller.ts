import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Req, UseFilters, UseGuards } from '@nestjs/common';
import type { z } from 'zod';
import { ManageKeys } from '../../app/manage-keys.ts';
import type { IssuedKey } from '../../app/manage-keys.ts';
import { keyState } from '../../domain/api-key.ts';
import type { ApiKeyRecord } from '../../domain/api-key.ts';
import { ApiKeyGuard, NeedsScope } from './api-key.guard.ts';
import type { CalledRequest } from './api-key.guard.ts';
import { ErrorFilter } from './error.filter.ts';
import { parse } from './parse.ts';
import { createKeyBody, keyParams, listKeysQuery, rotateKeyBody } from './schemas.ts';
import type { issuedKey, keyList, keyView, revokedKey } from './schemas.ts';

/** API keys over REST. */
@Controller('admin/keys')
@UseGuards(ApiKeyGuard)
@UseFilters(ErrorFilter)
export class KeysController {
  constructor(@Inject(ManageKeys) private readonly keys: ManageKeys) {}

  @Post()
  @NeedsScope('keys:admin')
  async create(@Req() request: CalledRequest, @Body() body: unknown): Promise<z.output<typeof issuedKey>> {
    const { name, scopes, expiresAt } = parse(createKeyBody, body ?? {}, 'body');
    return toIssued(await this.keys.create(request.caller, { name, scopes: [...new Set(scopes)], expiresAt: expiresAt === null ? null : new Date(expiresAt) }));
  }

  @Get()
  @NeedsScope('keys:admin')
  async list(@Query() query: unknown): Promise<z.output<typeof keyList>> {
    const { cursor, limit } = parse(listKeysQuery, query, 'query');
    const { items, next } = await this.keys.list(cursor, limit);
    return { items: items.map(toView), next };
  }

  @Post(':id/rotate')
  @NeedsScope('keys:admin')
  async rotate(@Req() request: CalledRequest, @Param() params: unknown, @Body() body: unknown): Promise<z.output<typeof issuedKey>> {
    const { id } = parse(keyParams, params, 'path');
    const { graceSeconds } = parse(rotateKeyBody, body ?? undefined, 'body');
    return toIssued(await this.keys.rotate(request.caller, id, graceSeconds));
  }

  @Delete(':id')
  @NeedsScope('keys:admin')
  async revoke(@Req() request: CalledRequest, @Param() params: unknown): Promise<z.output<typeof revokedKey>> {
    const { id } = parse(keyParams, params, 'path');
    return { id, revokedAt: (await this.keys.revoke(request.caller, id)).toISOString() };
  }
}

function toView(key: ApiKeyRecord): z.output<typeof keyView> {
  const { id, name, scopes } = key;
  const time = (date: Date | null): string | null => date?.toISOString() ?? null;
  return { id, name, scopes, state: keyState(key, Date.now()), createdAt: key.createdAt.toISOString(), expiresAt: time(key.expiresAt), revokedAt: time(key.revokedAt), lastUsedAt: time(key.lastUsedAt) };
}

const toIssued = ({ key, record }: IssuedKey): z.output<typeof issuedKey> => ({ ...toView(record), key });
