import { whileDown } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { OPERATIONS } from '../src/adapters/in/operations.ts';
import { KEY_REQUESTS_PER_MINUTE_MAX } from '../src/limits.ts';
import { bury, deadUpdate, startApi } from './setup.ts';
import type { TestApi } from './setup.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.stop());

const get = (path: string) => api.call('GET', path, { key: null });

describe('services/api', () => {
  it('[C2] starts on an empty database and answers health, readiness and metrics', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).body).toEqual({ ready: true, checks: { database: 'ok', nats: 'ok' } });
    expect((await get('/metrics')).body).toContain('botplane_dlq_depth{queue="in"} 0');
  });

  it('[A6] tells schema version and pending migrations on /health', async () => {
    const { status, body } = await get('/health');
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'ok', database: { connected: true, pendingMigrations: [], unknownMigrations: [], migrating: false }, nats: { connected: true } });
    expect(body.database.schemaVersion).toMatch(/^\d{14}_[a-z_]+$/);

    const [applied] = await api.db.$queryRaw<{ migration_name: string }[]>`SELECT migration_name FROM _prisma_migrations ORDER BY migration_name DESC LIMIT 1`;
    await api.db.$executeRaw`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name = ${applied?.migration_name}`;
    expect(await get('/health')).toMatchObject({ status: 503, body: { status: 'degraded', database: { pendingMigrations: [applied?.migration_name] } } });
    await api.db.$executeRaw`UPDATE _prisma_migrations SET finished_at = now()`;
  });

  it('[W2] reports the depth of every queue', async () => {
    await bury(api.nats, 'in', [deadUpdate(1), deadUpdate(2)]);
    await expect.poll(async () => (await get('/metrics')).body).toContain('botplane_dlq_depth{queue="in"} 2');
  });

  it('describes exactly the routes it has in /openapi.json', async () => {
    const { body } = await get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const described = Object.entries<object>(body.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    const server = api.service.app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
    const tree = server.printRoutes({ commonPrefix: false });
    const real = routesOf(tree).filter((route) => !/\/(healthz|readyz|metrics|openapi\.json)$/.test(route));
    expect(described.sort()).toEqual(real.sort());
    expect(OPERATIONS).toHaveLength(described.length);
    expect(JSON.stringify(body)).not.toContain('"#/$defs');
  });

  it('answers every failure in one shape', async () => {
    const answers = await Promise.all([
      get('/nothing'),
      api.call('GET', '/admin/dlq/other'),
      api.call('GET', '/admin/dlq/in?limit=0'),
      api.call('POST', '/admin/dlq/in/replay', { body: '{"all":' }),
      api.call('POST', '/admin/dlq/in/replay', { body: { ids: ['1'.repeat(70_000)] } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 400, 400, 400, 413]);
    for (const { body } of answers) expect(body).toEqual({ error: expect.objectContaining({ code: expect.any(String), message: expect.any(String) }) });
    expect(answers[1]?.body.error.field).toBe('path.queue');
    expect(answers[2]?.body.error.field).toBe('query.limit');
  });

  it('slows one key down without touching another', async () => {
    const { body: fast } = await api.call('POST', '/admin/keys', { body: { name: 'fast', scopes: ['dlq:read'] } });
    let refused: Awaited<ReturnType<typeof get>> | undefined;
    for (let n = 0; n < KEY_REQUESTS_PER_MINUTE_MAX * 2 && refused === undefined; n += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => api.call('GET', '/admin/dlq/in/999999', { key: fast.key })));
      refused = answers.find(({ status }) => status === 429);
    }
    expect(refused?.body.error).toMatchObject({ code: 'request.rate_limited' });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await api.call('GET', '/admin/keys')).status).toBe(200);
  });

  it('says what is away, refuses actions it cannot record, and recovers by itself', async () => {
    const { body: stored } = await api.call('POST', '/admin/keys', { body: { name: 'stored', scopes: ['dlq:read'] } });
    await whileDown(api.postgres, async () => {
      expect(await get('/health')).toMatchObject({ status: 503, body: { database: { connected: false }, nats: { connected: true } } });
      expect((await get('/readyz')).status).toBe(503);
      expect((await get('/healthz')).status).toBe(200);
      expect(await api.call('GET', '/admin/dlq/in', { key: stored.key })).toMatchObject({ status: 503, body: { error: { code: 'store.unavailable' } } });
      expect((await api.call('GET', '/admin/dlq/in')).body.depth).toBe(2);
      expect((await api.call('DELETE', '/admin/dlq/in')).status).toBe(503);
      expect((await api.call('GET', '/admin/dlq/in')).body.depth).toBe(2);
    });
    await expect.poll(async () => (await get('/readyz')).status).toBe(200);

    await whileDown(api.broker, async () => {
      await expect.poll(async () => (await get('/health')).body.nats.connected).toBe(false);
      expect((await api.call('GET', '/admin/dlq/in')).status).toBe(503);
    });
    await expect.poll(async () => (await get('/readyz')).status).toBe(200);
    expect((await api.call('GET', '/admin/dlq/in')).body.depth).toBe(2);
  });
});

/** `get /admin/dlq/{queue}` from the tree that Fastify prints. */
function routesOf(tree: string): string[] {
  const stack: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const match = /^([│├└─\s]*)(\S+)(?: \(([A-Z, ]+)\))?/.exec(line);
    if (match === null || match[2] === undefined) return [];
    const depth = (match[1] ?? '').length / 4;
    stack.length = depth;
    stack[depth] = match[2];
    const path = stack.join('').replace(/:(\w+)/g, '{$1}');
    return (match[3]?.split(', ') ?? []).filter((method) => method !== 'HEAD').map((method) => `${method.toLowerCase()} ${path}`);
  });
}
