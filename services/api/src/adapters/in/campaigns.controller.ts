import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, UseFilters, UseGuards } from '@nestjs/common';
import type { z } from 'zod';
import { ManageCampaigns } from '../../app/manage-campaigns.ts';
import type { CampaignProgress } from '../../app/manage-campaigns.ts';
import { ApiKeyGuard, NeedsScope } from './api-key.guard.ts';
import type { CalledRequest } from './api-key.guard.ts';
import { campaignParams, createCampaignBody, listCampaignsQuery } from './campaign-schemas.ts';
import type { campaignList, campaignView } from './campaign-schemas.ts';
import { ErrorFilter } from './error.filter.ts';
import { parse } from './parse.ts';

type View = z.output<typeof campaignView>;

/** Campaigns over REST. */
@Controller('campaigns')
@UseGuards(ApiKeyGuard)
@UseFilters(ErrorFilter)
export class CampaignsController {
  constructor(@Inject(ManageCampaigns) private readonly campaigns: ManageCampaigns) {}

  @Post()
  @NeedsScope('campaigns:write')
  async create(@Req() request: CalledRequest, @Body() body: unknown): Promise<View> {
    const { botId, name, method, params, audience } = parse(createCampaignBody, body ?? {}, 'body');
    return toView(await this.campaigns.create(request.caller, { botId, name, method, params, chats: audience.chats }));
  }

  @Get()
  @NeedsScope('campaigns:read')
  async list(@Query() query: unknown): Promise<z.output<typeof campaignList>> {
    const { bot } = parse(listCampaignsQuery, query, 'query');
    return { items: (await this.campaigns.list(bot)).map(toView) };
  }

  @Get(':botId/:id')
  @NeedsScope('campaigns:read')
  async get(@Param() params: unknown): Promise<View> {
    const { botId, id } = parse(campaignParams, params, 'path');
    return toView(await this.campaigns.get(botId, id));
  }

  @Post(':botId/:id/pause')
  @HttpCode(200)
  @NeedsScope('campaigns:write')
  async pause(@Req() request: CalledRequest, @Param() params: unknown): Promise<View> {
    return toView(await this.campaigns.change(request.caller, parse(campaignParams, params, 'path'), 'pause'));
  }

  @Post(':botId/:id/resume')
  @HttpCode(200)
  @NeedsScope('campaigns:write')
  async resume(@Req() request: CalledRequest, @Param() params: unknown): Promise<View> {
    return toView(await this.campaigns.change(request.caller, parse(campaignParams, params, 'path'), 'resume'));
  }

  @Delete(':botId/:id')
  @NeedsScope('campaigns:write')
  async remove(@Req() request: CalledRequest, @Param() params: unknown): Promise<View> {
    return toView(await this.campaigns.remove(request.caller, parse(campaignParams, params, 'path')));
  }
}

function toView({ record, queued, outcomes }: CampaignProgress): View {
  const { botId, id, name, state, method, total, createdMs, changedMs } = record;
  return { botId, id, name, state, method, total, queued, outcomes, createdAt: new Date(createdMs).toISOString(), changedAt: new Date(changedMs).toISOString() };
}
