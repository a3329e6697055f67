import { hostname } from 'node:os';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { natsSettings, provide, provideValue } from '@botplane/kit';
import type { ServiceDefinition, ServiceKit } from '@botplane/kit';
import { JetPublisher, ensureTopology, openNats } from '@botplane/nats';
import { WebhookRoute } from './adapters/in/webhook-route.ts';
import { NatsLink } from './adapters/out/nats-link.ts';
import { NatsRoutes } from './adapters/out/nats-routes.ts';
import { NatsUpdateLog } from './adapters/out/nats-update-log.ts';
import { ingressMetrics } from './adapters/out/prometheus-metrics.ts';
import { AcceptUpdate } from './app/accept-update.ts';
import type { IngressConfig } from './config.ts';

/** Composition root of ingress. */
@Module({})
export class AppModule {
  static async create({ config, log, metrics, readiness }: ServiceKit<IngressConfig>): Promise<DynamicModule> {
    const nats = await openNats(natsSettings(config, `ingress ${hostname()}`));
    await ensureTopology(nats.jsm, { replicas: config.NATS_STREAM_REPLICAS });
    const link = new NatsLink(nats, log);
    const routes = new NatsRoutes(link.routes);
    const acceptUpdate = new AcceptUpdate(routes, new NatsUpdateLog(new JetPublisher(nats.js), () => link.isConnected), ingressMetrics(metrics));

    readiness.add('nats', () => link.isConnected);
    readiness.add('routes', () => routes.isSynced());
    metrics.gauge('botplane_ingress_updates_in_flight', 'Updates that are being published', [], (gauge) => gauge.set(acceptUpdate.inFlight));
    return { module: AppModule, providers: [provideValue(NatsLink, link), provideValue(AcceptUpdate, acceptUpdate), provide(WebhookRoute, WebhookRoute, HttpAdapterHost, AcceptUpdate)] };
  }
}

/** The service, for main.ts and for tests. */
export const ingressService = (config: IngressConfig): ServiceDefinition<IngressConfig> => ({ name: 'ingress', config, module: AppModule.create });
