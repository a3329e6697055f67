import { hostname } from 'node:os';
import { Module } from '@nestjs/common';
import type { DynamicModule, Provider } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { BUCKETS } from '@botplane/contracts';
import type { RouteRecord } from '@botplane/contracts';
import { natsSettings, openEnvelope, provideValue, readInstallKey } from '@botplane/kit';
import type { ServiceDefinition, ServiceKit } from '@botplane/kit';
import { JetPublisher, NatsLink, TokenMirror, TypedBucket, WatchedBucket, ensureTopology, memberName, openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { Polling } from './adapters/in/polling.ts';
import { SourceAddresses } from './adapters/in/source-addresses.ts';
import { WebhookRoute } from './adapters/in/webhook-route.ts';
import { NatsRoutes } from './adapters/out/nats-routes.ts';
import { NatsSlots } from './adapters/out/nats-slots.ts';
import { NatsUpdateLog } from './adapters/out/nats-update-log.ts';
import { ingressMetrics, pollingMetrics } from './adapters/out/prometheus-metrics.ts';
import { TelegramUpdates } from './adapters/out/telegram-updates.ts';
import { AcceptUpdate } from './app/accept-update.ts';
import type { PollBotParts } from './app/poll-bot.ts';
import { Pollers } from './app/pollers.ts';
import type { IngressConfig } from './config.ts';
import { BotShares } from './domain/bot-shares.ts';
import { BOT_BURST_SECONDS, BOT_SHARES_MAX, UPDATES_IN_FLIGHT_PER_BOT_MAX } from './limits.ts';

/** Composition root of ingress. */
@Module({})
export class AppModule {
  static async create(kit: ServiceKit<IngressConfig>): Promise<DynamicModule> {
    const { config, log, metrics, readiness, tracing } = kit;
    const nats = await openNats(natsSettings(config, `ingress ${hostname()}`));
    await ensureTopology(nats.jsm, { replicas: config.NATS_STREAM_REPLICAS });
    const mirror = new WatchedBucket<RouteRecord>(new TypedBucket<RouteRecord>(nats.jsm, BUCKETS.routes), { onError: (err) => log.warn({ err }, 'watch of routes failed') });
    const link = new NatsLink(nats, { mirrors: [mirror], onChange: (connected) => log.warn({ connected }, 'nats connection changed') });
    const routes = new NatsRoutes(mirror);
    const updateLog = new NatsUpdateLog(new JetPublisher(nats.js), () => link.isConnected);
    const counters = ingressMetrics(metrics, () => acceptUpdate.inFlight);
    const acceptUpdate: AcceptUpdate = new AcceptUpdate(routes, updateLog, counters, makeShares(config), log);
    const sources = new SourceAddresses(config.BOTPLANE_UPDATE_SOURCES, config.BOTPLANE_TRUSTED_PROXIES ?? []);

    readiness.add('nats', () => link.isConnected);
    readiness.add('routes', () => routes.isSynced());
    const polling = config.BOTPLANE_TOKEN_KEY_FILE === undefined ? [] : makePolling(kit, nats, { routes, log: updateLog, metrics: counters }, config.BOTPLANE_TOKEN_KEY_FILE);
    return {
      module: AppModule,
      providers: [
        provideValue(NatsLink, link),
        { provide: WebhookRoute, inject: [HttpAdapterHost], useFactory: (host: HttpAdapterHost) => new WebhookRoute(host, acceptUpdate, sources, tracing) }, ...polling,
      ],
    };
  }
}

function makeShares({ BOTPLANE_BOT_UPDATES_PER_SECOND_MAX: perSecondMax }: IngressConfig): BotShares {
  return new BotShares({ perSecondMax, burstMax: perSecondMax * BOT_BURST_SECONDS, inFlightMax: UPDATES_IN_FLIGHT_PER_BOT_MAX, botsMax: BOT_SHARES_MAX });
}

/** Pollers need tokens, so they exist only where the key is. */
function makePolling({ log, metrics, tracing }: ServiceKit<IngressConfig>, nats: Nats, shared: Pick<PollBotParts, 'routes' | 'log' | 'metrics'>, keyFile: string): Provider[] {
  const key = readInstallKey(keyFile);
  const tokens = new TokenMirror(nats, { open: (name, envelope) => openEnvelope(key, name, envelope), onError: (err) => log.warn({ err }, 'watch of credentials failed') });
  const source = new TelegramUpdates();
  const pollers = new Pollers({ ...shared, tokens, source, logger: log, tracing });
  const member = memberName('ingress');
  const slots = new NatsSlots(nats, member, { changed: (owns) => pollers.sync(owns), releasing: (slot) => pollers.endSlot(slot) }, log);
  pollingMetrics(metrics, () => pollers.count);
  return [provideValue(TelegramUpdates, source), provideValue(Polling, new Polling(slots, pollers, tokens))];
}

/** The service, for main.ts and for tests. */
export const ingressService = (config: IngressConfig): ServiceDefinition<IngressConfig> => ({ name: 'ingress', config, module: AppModule.create });
