import { createDb, migrate } from '@botplane/db';
import type { Db } from '@botplane/db';
import { natsSettings, provide, provideValue, token } from '@botplane/kit';
import type { Log, Metrics, Readiness, ServiceKit, Tracing } from '@botplane/kit';
import { ensureTopology, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { Inject, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationBootstrap, OnApplicationShutdown, OnModuleDestroy, Provider } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ApiKeyGuard } from './adapters/in/api-key.guard.ts';
import { AuditController } from './adapters/in/audit.controller.ts';
import { CampaignRunner } from './adapters/in/campaign-runner.ts';
import { CampaignsController } from './adapters/in/campaigns.controller.ts';
import { DlqController } from './adapters/in/dlq.controller.ts';
import { ErrorFilter } from './adapters/in/error.filter.ts';
import { HealthController } from './adapters/in/health.controller.ts';
import { addHttpRules, addRequestTraces } from './adapters/in/http-rules.ts';
import { KeysController } from './adapters/in/keys.controller.ts';
import { LagController } from './adapters/in/lag.controller.ts';
import { MessagesConsumer } from './adapters/in/messages-consumer.ts';
import { MessagesController } from './adapters/in/messages.controller.ts';
import { DB, LOG, NATS } from './adapters/in/tokens.ts';
import { JetStreamBulkQueue } from './adapters/out/jetstream-bulk-queue.ts';
import { JetStreamDeadLetters } from './adapters/out/jetstream-dead-letters.ts';
import { JetStreamLag } from './adapters/out/jetstream-lag.ts';
import { JetStreamMessageLetters } from './adapters/out/jetstream-message-letters.ts';
import { JetStreamReplayQueue } from './adapters/out/jetstream-replay-queue.ts';
import { MessageLag, makeMessageMeter } from './adapters/out/message-metrics.ts';
import { BrokerGauges, makeReplayMeter } from './adapters/out/metrics.ts';
import { NatsCampaigns } from './adapters/out/nats-campaigns.ts';
import { PrismaApiKeys } from './adapters/out/prisma-api-keys.ts';
import { PrismaAuditLog } from './adapters/out/prisma-audit-log.ts';
import { PrismaMessageRetention } from './adapters/out/prisma-message-retention.ts';
import { PrismaMessages } from './adapters/out/prisma-messages.ts';
import { Authenticate } from './app/authenticate.ts';
import { EraseMessages } from './app/erase-messages.ts';
import { InspectDeadLetters } from './app/inspect-dead-letters.ts';
import type { BotDirectory, Campaigns } from './app/campaign-ports.ts';
import { ManageCampaigns } from './app/manage-campaigns.ts';
import { ManageKeys } from './app/manage-keys.ts';
import type { MessageLetters, MessageMeter, MessageRetention, Messages } from './app/message-ports.ts';
import type { ApiKeys, AuditLog, Clock, DeadLetters, ReplayMeter, ReplayQueue } from './app/ports.ts';
import { PurgeDeadLetters } from './app/purge-dead-letters.ts';
import { ReadAudit } from './app/read-audit.ts';
import { ReadMessages } from './app/read-messages.ts';
import { ReplayDeadLetters } from './app/replay-dead-letters.ts';
import { TidyMessages } from './app/tidy-messages.ts';
import { WorkLag } from './app/work-lag.ts';
import type { LagSource } from './app/work-lag.ts';
import { WriteMessages } from './app/write-messages.ts';
import { readInstallKeyHash } from './config.ts';
import type { Config } from './config.ts';
import { RateLimiter } from './domain/rate-limiter.ts';
import { KEY_REQUESTS_PER_MINUTE_MAX, LIMITED_KEYS_MAX, POOL_CONNECTIONS_MAX } from './limits.ts';

const LETTERS = token<DeadLetters>('dead letters');
const REPLAY_QUEUE = token<ReplayQueue>('replay queue');
const KEYS = token<ApiKeys>('api keys');
const AUDIT = token<AuditLog>('audit log');
const CLOCK = token<Clock>('clock');
const CAMPAIGNS = token<Campaigns>('campaigns');
const BOTS = token<BotDirectory>('bots');
const LAG_SOURCE = token<LagSource>('lag source');
const REPLAY_METER = token<ReplayMeter>('replay meter');
const MESSAGES = token<Messages>('messages');
const MESSAGE_RETENTION = token<MessageRetention>('message retention');
const MESSAGE_LETTERS = token<MessageLetters>('message letters');
const MESSAGE_METER = token<MessageMeter>('message meter');
const METRICS = token<Metrics>('metrics');
const TRACING = token<{ tracing: Tracing | undefined }>('tracing');
const INSTALL_KEY = token<{ hash: string | undefined }>('install key');

/** Composition root of services/api. */
@Module({})
export class AppModule implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  constructor(
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
    @Inject(METRICS) metrics: Metrics,
    @Inject(TRACING) { tracing }: { tracing: Tracing | undefined },
    @Inject(LOG) log: Log,
    @Inject(DB) private readonly db: Db,
    @Inject(NATS) private readonly nats: Nats,
    @Inject(BrokerGauges) private readonly gauges: BrokerGauges,
  ) {
    // Here, since rules only hold for routes that are added later.
    const server = host.httpAdapter.getInstance<FastifyInstance>();
    addHttpRules(server, metrics);
    if (tracing !== undefined) addRequestTraces(server, tracing, log);
  }

  /** Brings schema and streams up to date, then wires the service. */
  static async create({ config, log, metrics, readiness, tracing }: ServiceKit<Config>): Promise<DynamicModule> {
    const installKey = { hash: readInstallKeyHash(config.BOTPLANE_API_ADMIN_KEY_FILE) };
    const applied = await migrate(config.DATABASE_URL);
    if (applied.length > 0) log.info({ applied }, 'database migrated');
    const nats = await openNats(natsSettings(config, 'api'));
    await ensureTopology(nats.jsm, { replicas: config.NATS_STREAM_REPLICAS });
    const db = createDb({ url: config.DATABASE_URL, poolMax: POOL_CONNECTIONS_MAX });
    addReadiness(readiness, db, nats);
    const clock: Clock = { nowMs: () => Date.now() };
    const campaigns = new NatsCampaigns(nats, (err) => log.warn({ err }, 'watch of campaigns failed'));
    const bulk = new JetStreamBulkQueue(nats);
    const values: Provider[] = [
      provideValue(LOG, log), provideValue(METRICS, metrics), provideValue(TRACING, { tracing }), provideValue(DB, db), provideValue(NATS, nats), provideValue(INSTALL_KEY, installKey),
      provideValue(CLOCK, clock), provideValue(REPLAY_METER, makeReplayMeter(metrics)), provideValue(MESSAGE_METER, makeMessageMeter(metrics)),
      provideValue(CAMPAIGNS, campaigns), provideValue(BOTS, bulk), provideValue(CampaignRunner, new CampaignRunner(campaigns, bulk, clock, log)),
      provideValue(RateLimiter, new RateLimiter({ perMinute: KEY_REQUESTS_PER_MINUTE_MAX, keysMax: LIMITED_KEYS_MAX })),
    ];
    return { module: AppModule, controllers: [CampaignsController, DlqController, KeysController, MessagesController, AuditController, LagController, HealthController], providers: [...values, ...providers, ApiKeyGuard, ErrorFilter] };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.gauges.start();
  }

  onModuleDestroy(): void {
    this.gauges.stop();
  }

  /** After the last request was answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.nats.connection.close();
    await this.db.$disconnect();
  }
}

const providers: Provider[] = [
  provide(LETTERS, JetStreamDeadLetters, NATS),
  provide(REPLAY_QUEUE, JetStreamReplayQueue, NATS),
  provide(KEYS, PrismaApiKeys, DB),
  provide(AUDIT, PrismaAuditLog, DB),
  provide(LAG_SOURCE, JetStreamLag, NATS),
  provide(WorkLag, WorkLag, LAG_SOURCE, CLOCK),
  provide(BrokerGauges, BrokerGauges, LETTERS, WorkLag, METRICS),
  provide(Authenticate, Authenticate, KEYS, CLOCK, INSTALL_KEY),
  provide(ManageKeys, ManageKeys, KEYS, CLOCK),
  provide(InspectDeadLetters, InspectDeadLetters, LETTERS),
  provide(ReplayDeadLetters, ReplayDeadLetters, LETTERS, REPLAY_QUEUE, AUDIT, CLOCK, REPLAY_METER),
  provide(ManageCampaigns, ManageCampaigns, CAMPAIGNS, BOTS, AUDIT, CLOCK),
  provide(PurgeDeadLetters, PurgeDeadLetters, LETTERS, AUDIT, CLOCK),
  provide(ReadAudit, ReadAudit, AUDIT),
  provide(MESSAGES, PrismaMessages, DB),
  provide(MESSAGE_RETENTION, PrismaMessageRetention, DB),
  provide(MESSAGE_LETTERS, JetStreamMessageLetters, NATS),
  provide(MessageLag, MessageLag, NATS, METRICS),
  provide(WriteMessages, WriteMessages, MESSAGES, MESSAGE_RETENTION, MESSAGE_LETTERS, MESSAGE_METER, CLOCK),
  provide(TidyMessages, TidyMessages, MESSAGE_RETENTION, MESSAGE_METER, CLOCK),
  provide(ReadMessages, ReadMessages, MESSAGES),
  provide(EraseMessages, EraseMessages, MESSAGES, AUDIT, CLOCK),
  provide(MessagesConsumer, MessagesConsumer, NATS, WriteMessages, TidyMessages, MessageLag, LOG, TRACING),
];

function addReadiness(readiness: Readiness, db: Db, nats: Nats): void {
  readiness.add('database', async () => (await db.$queryRaw<unknown[]>`SELECT 1`).length === 1);
  readiness.add('nats', async () => (await nats.connection.rtt()) >= 0);
}
