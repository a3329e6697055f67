import { randomBytes } from 'node:crypto';
import type { Log } from '@botplane/kit';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { RunCampaigns } from '../../app/run-campaigns.ts';
import type { Clock } from '../../app/ports.ts';
import type { JetStreamBulkQueue } from '../out/jetstream-bulk-queue.ts';
import type { NatsCampaigns } from '../out/nats-campaigns.ts';

/** Runs campaigns for as long as the service does. */
export class CampaignRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly campaigns: NatsCampaigns;
  private readonly running: RunCampaigns;

  constructor(campaigns: NatsCampaigns, queue: JetStreamBulkQueue, clock: Clock, log: Log) {
    this.campaigns = campaigns;
    const onError = (err: unknown, { botId, id }: { botId: string; id: string }): void => log.warn({ err, botId, campaign: id }, 'campaign does not go on');
    this.running = new RunCampaigns({ campaigns, queue, clock, runner: `api-${randomBytes(6).toString('hex')}`, onError });
  }

  onApplicationBootstrap(): void {
    this.running.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.running.stop();
    await this.campaigns.close();
  }
}
