import { hostname } from 'node:os';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { DeliveryFailpoint } from '@botplane/contracts';
import { Failpoints, natsSettings, openEnvelope, provideValue, readInstallKey, readS3Config } from '@botplane/kit';
import type { ServiceDefinition, ServiceKit } from '@botplane/kit';
import { JetPublisher, NatsLink, TokenMirror, ensureTopology, memberName, openNats } from '@botplane/nats';
import { OutboundConsumer } from './adapters/in/outbound-consumer.ts';
import { NatsBacklog } from './adapters/out/nats-backlog.ts';
import { NatsCampaignCounts } from './adapters/out/nats-campaign-counts.ts';
import { NatsDeadLetters } from './adapters/out/nats-dead-letters.ts';
import { NatsKeptMessages } from './adapters/out/nats-kept-messages.ts';
import { NatsKeptFileIds } from './adapters/out/nats-kept-file-ids.ts';
import { NatsRevisionLetters } from './adapters/out/nats-revision-letters.ts';
import { NatsSentRecords } from './adapters/out/nats-sent-records.ts';
import { deliveryMetrics } from './adapters/out/prometheus-metrics.ts';
import { S3Files } from './adapters/out/s3-files.ts';
import { UndiciBotApi } from './adapters/out/undici-bot-api.ts';
import { DeliverCall } from './app/deliver-call.ts';
import { Uploads } from './app/uploads.ts';
import type { DeliveryConfig } from './config.ts';
import { Freezes } from './domain/freezes.ts';
import { Pacing } from './domain/pacing.ts';

/** Composition root of delivery. */
@Module({})
export class AppModule {
  static async create({ config, log, metrics, readiness, tracing }: ServiceKit<DeliveryConfig>): Promise<DynamicModule> {
    const key = readInstallKey(config.BOTPLANE_TOKEN_KEY_FILE);
    const nats = await openNats(natsSettings(config, `delivery ${hostname()}`));
    await ensureTopology(nats.jsm, { replicas: config.NATS_STREAM_REPLICAS });
    const tokens = new TokenMirror(nats, { open: (name, envelope) => openEnvelope(key, name, envelope), onError: (err) => log.warn({ err }, 'watch of credentials failed') });
    const link = new NatsLink(nats, { mirrors: [tokens], onChange: (connected) => log.warn({ connected }, 'nats connection changed') });
    const api = new UndiciBotApi();
    const s3 = readS3Config(config);
    const files = s3 && new S3Files(s3);
    const freezes = new Freezes();
    const counters = deliveryMetrics(metrics, { callsInHand: () => consumer.inHand, partitionsOwned: () => consumer.ownedCount, frozen: () => freezes.count(performance.now()) });
    const consumer: OutboundConsumer = new OutboundConsumer(
      nats,
      memberName(config.HOSTNAME),
      {
        deliver: new DeliverCall({ api, tokens, uploads: new Uploads(files, new NatsKeptFileIds(nats.jsm), log), freezes, metrics: counters, log }),
        sent: new NatsSentRecords(nats.jsm),
        backlog: new NatsBacklog(nats),
        countClaim: (event) => counters.claim(event),
        campaigns: new NatsCampaignCounts(nats.jsm),
        deadLetters: new NatsDeadLetters(new JetPublisher(nats.js)),
        revisionLetters: new NatsRevisionLetters(nats),
        kept: new NatsKeptMessages(new JetPublisher(nats.js), () => counters.messageLost()),
        pacing: new Pacing(config.BULK_PER_SECOND),
        freezes,
        metrics: counters,
        log,
        tracing,
        crashes: new Failpoints<DeliveryFailpoint>(config.BOTPLANE_FAILPOINTS),
      },
      log,
    );
    readiness.add('nats', () => link.isConnected);
    readiness.add('credentials', () => tokens.isSynced());
    return { module: AppModule, providers: [...(files ? [provideValue(S3Files, files)] : []), provideValue(NatsLink, link), provideValue(UndiciBotApi, api), provideValue(OutboundConsumer, consumer)] };
  }
}

/** The service, for main.ts and for tests. */
export const deliveryService = (config: DeliveryConfig): ServiceDefinition<DeliveryConfig> => ({ name: 'delivery', config, module: AppModule.create });
