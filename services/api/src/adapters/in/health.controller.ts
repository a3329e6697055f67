import { schemaStatus } from '@botplane/db';
import type { Db } from '@botplane/db';
import type { Nats } from '@botplane/nats';
import { Controller, Get, Inject, Res, UseFilters } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { DB, NATS } from './tokens.ts';
import { ErrorFilter } from './error.filter.ts';
import { makeOpenApi } from './openapi.ts';
import { withinMs } from './within.ts';
import type { healthView } from './schemas.ts';

type Health = z.output<typeof healthView>;

/** What anybody may know: the state of the service, and how to talk to it. */
@Controller()
@UseFilters(ErrorFilter)
export class HealthController {
  private readonly document = makeOpenApi();

  constructor(
    @Inject(DB) private readonly db: Db,
    @Inject(NATS) private readonly nats: Nats,
  ) {}

  @Get('health')
  async health(@Res() reply: FastifyReply): Promise<void> {
    const [database, nats] = await Promise.all([this.database(), this.broker()]);
    const isOk = database.connected && database.pendingMigrations.length === 0 && nats.connected;
    const health: Health = { status: isOk ? 'ok' : 'degraded', database, nats };
    await reply.status(isOk ? 200 : 503).send(health);
  }

  @Get('openapi.json')
  openapi(): ReturnType<typeof makeOpenApi> {
    return this.document;
  }

  private async database(): Promise<Health['database']> {
    try {
      const { version, pending, unknown, edited, migrating } = await withinMs(schemaStatus(this.db));
      return { connected: true, schemaVersion: version, pendingMigrations: pending, unknownMigrations: unknown, editedMigrations: edited, migrating };
    } catch {
      return { connected: false, schemaVersion: null, pendingMigrations: [], unknownMigrations: [], editedMigrations: [], migrating: false };
    }
  }

  private async broker(): Promise<Health['nats']> {
    try {
      const roundTripMs = await withinMs(this.nats.connection.rtt());
      return { connected: true, server: this.nats.connection.info?.server_name ?? null, roundTripMs };
    } catch {
      return { connected: false, server: null, roundTripMs: null };
    }
  }
}
