import type { ServiceKit } from '@botplane/kit';
import { provideValue } from '@botplane/kit';
import type { DynamicModule, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Inject, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { registerBotApi } from './adapters/in/bot-api-routes.ts';
import { ControlController } from './adapters/in/control.controller.ts';
import { PlaygroundController } from './adapters/in/playground.controller.ts';
import { Stopping } from './adapters/in/stopping.ts';
import { FileJournal } from './adapters/out/file-journal.ts';
import { makeMeter } from './adapters/out/prometheus-meter.ts';
import { UndiciWebhookClient } from './adapters/out/undici-webhook-client.ts';
import { NO_JOURNAL } from './app/ports.ts';
import { Simulator } from './app/simulator.ts';
import type { Config } from './config.ts';

/** What has to be closed, in order, when the process ends. */
class Lifetime {
  constructor(
    readonly simulator: Simulator,
    readonly webhooks: UndiciWebhookClient,
    readonly journal: FileJournal | null,
  ) {}
}

/** The composition root: ports meet adapters here. */
@Module({})
export class AppModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(Lifetime) private readonly lifetime: Lifetime,
    @Inject(Stopping) private readonly stopping: Stopping,
  ) {}

  static async create({ config, metrics, log }: ServiceKit<Config>): Promise<DynamicModule> {
    const webhooks = new UndiciWebhookClient();
    const journal = config.SIMULATOR_STATE_DIR === undefined ? null : new FileJournal(config.SIMULATOR_STATE_DIR, log);
    const meter = makeMeter(metrics, () => simulator.pendingCount());
    const simulator = new Simulator({ journal: journal ?? NO_JOURNAL, webhooks, meter, clock: Date.now });
    await journal?.load(simulator.accounts, Date.now());
    for (const bot of config.SIMULATOR_BOTS) simulator.accounts.create(bot);
    return {
      module: AppModule,
      controllers: [ControlController, PlaygroundController],
      providers: [
        provideValue(Simulator, simulator),
        provideValue(Stopping, new Stopping()),
        provideValue(Lifetime, new Lifetime(simulator, webhooks, journal)),
      ],
    };
  }

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    registerBotApi(fastify, this.lifetime.simulator, this.stopping);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.lifetime.simulator.close();
    await this.lifetime.webhooks.close();
    await this.lifetime.journal?.close();
  }
}
