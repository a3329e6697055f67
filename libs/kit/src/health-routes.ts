import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { redactText } from './redact.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

/** Adds /healthz (the process lives), /readyz (it can work; 503 with the names of failed checks) and /metrics. */
export function addHealthRoutes(server: FastifyInstance, readiness: Readiness, metrics: Metrics): void {
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const report = await readiness.report();
    return reply.status(report.ready ? 200 : 503).type('application/json').send(redactText(JSON.stringify(report)));
  });
  server.get('/metrics', async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()));
}

/** The three routes on a server of their own, for processes without Nest (the operator). */
export async function startHealthServer(options: { host: string; port: number; readiness: Readiness; metrics: Metrics }): Promise<{ url: string; close(): Promise<void> }> {
  const server = fastify({ forceCloseConnections: true });
  addHealthRoutes(server, options.readiness, options.metrics);
  const url = await server.listen({ host: options.host, port: options.port });
  return { url, close: () => server.close() };
}
