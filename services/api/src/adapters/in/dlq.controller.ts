import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, UseFilters, UseGuards } from '@nestjs/common';
import type { z } from 'zod';
import { InspectDeadLetters } from '../../app/inspect-dead-letters.ts';
import { PurgeDeadLetters } from '../../app/purge-dead-letters.ts';
import { ReplayDeadLetters } from '../../app/replay-dead-letters.ts';
import type { ReplayReport } from '../../app/replay-dead-letters.ts';
import { ApiKeyGuard, NeedsScope } from './api-key.guard.ts';
import type { CalledRequest } from './api-key.guard.ts';
import { ErrorFilter } from './error.filter.ts';
import { toDetail, toSummary } from './letter-view.ts';
import { parse } from './parse.ts';
import { letterParams, listLettersQuery, purgeQuery, queueParams, replayBody } from './schemas.ts';
import type { letterDetail, letterList, purgeReport } from './schemas.ts';

/** Dead letters over REST. */
@Controller('admin/dlq')
@UseGuards(ApiKeyGuard)
@UseFilters(ErrorFilter)
export class DlqController {
  constructor(
    @Inject(InspectDeadLetters) private readonly inspect: InspectDeadLetters,
    @Inject(ReplayDeadLetters) private readonly replays: ReplayDeadLetters,
    @Inject(PurgeDeadLetters) private readonly purges: PurgeDeadLetters,
  ) {}

  @Get(':queue')
  @NeedsScope('dlq:read')
  async list(@Param() params: unknown, @Query() query: unknown): Promise<z.output<typeof letterList>> {
    const { queue } = parse(queueParams, params, 'path');
    const { bot, reason, limit, cursor } = parse(listLettersQuery, query, 'query');
    const { letters, nextSeq } = await this.inspect.list({ queue, bot, reason }, Number(cursor ?? 1), limit);
    const depths = await this.inspect.depths();
    return { items: letters.map(toSummary), next: nextSeq === null ? null : String(nextSeq), depth: depths[queue] };
  }

  @Get(':queue/:id')
  @NeedsScope('dlq:read')
  async get(@Param() params: unknown): Promise<z.output<typeof letterDetail>> {
    const { queue, id } = parse(letterParams, params, 'path');
    return toDetail(await this.inspect.get(queue, Number(id)));
  }

  @Post(':queue/replay')
  @HttpCode(200)
  @NeedsScope('dlq:write')
  async replay(@Req() request: CalledRequest, @Param() params: unknown, @Body() body: unknown): Promise<ReplayReport> {
    const { queue } = parse(queueParams, params, 'path');
    const { ids, bot, reason, dryRun } = parse(replayBody, body ?? {}, 'body');
    return this.replays.execute(request.caller, { filter: { queue, bot, reason }, ids: ids?.map(Number), dryRun });
  }

  @Delete(':queue')
  @NeedsScope('dlq:write')
  async purge(@Req() request: CalledRequest, @Param() params: unknown, @Query() query: unknown): Promise<z.output<typeof purgeReport>> {
    const { queue } = parse(queueParams, params, 'path');
    const { bot, reason } = parse(purgeQuery, query, 'query');
    return this.purges.all(request.caller, { queue, bot, reason });
  }

  @Delete(':queue/:id')
  @NeedsScope('dlq:write')
  async remove(@Req() request: CalledRequest, @Param() params: unknown): Promise<z.output<typeof purgeReport>> {
    const { queue, id } = parse(letterParams, params, 'path');
    await this.purges.one(request.caller, queue, Number(id));
    return { removed: 1, complete: true };
  }
}
