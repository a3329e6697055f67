import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { redactText } from './redact.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

/**
 * Adds /healthz (the process lives), /readyz (it can work; 503 with the names of failed checks) and /metrics; with `liveness` also /livez, which
 * fails when only a restart helps.
 */
export function addHealthRoutes(server: FastifyInstance, readiness: Readiness, metrics: Metrics, liveness?: Readiness): void {
  server.get('/healthz', () => ({ status: 'ok' }));
  addReport(server, '/readyz', readiness);
  if (liveness) addReport(server, '/livez', liveness);
  server.get('/metrics', async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()));
}

function addReport(server: FastifyInstance, path: string, checks: Readiness): void {
  server.get(path, async (_request, reply) => {
    const report = await checks.report();
    return reply.status(report.ready ? 200 : 503).type('application/json').send(redactText(JSON.stringify(report)));
  });
}

/** The routes on a server of their own, for processes without Nest (the operator). */
export async function startHealthServer(options: { host: string; port: number; readiness: Readiness; liveness?: Readiness; metrics: Metrics }): Promise<{ url: string; close(): Promise<void> }> {
  const server = fastify({ forceCloseConnections: true });
  addHealthRoutes(server, options.readiness, options.metrics, options.liveness);
  const url = await server.listen({ host: options.host, port: options.port });
  return { url, close: () => server.close() };
}
