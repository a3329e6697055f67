import type { Metrics } from '@botplane/kit';
import type { FastifyInstance } from 'fastify';
import { BODY_BYTES_MAX } from '../../limits.ts';
import { requestMetrics } from '../out/prometheus-metrics.ts';

/** Rules for all routes that are added after this: body limit, request metric. */
export function addHttpRules(server: FastifyInstance, metrics: Metrics): void {
  const { seconds, inFlight } = requestMetrics(metrics);
  server.addHook('onRoute', (route) => {
    route.bodyLimit = BODY_BYTES_MAX;
  });
  server.addHook('onRequest', (_request, reply, done) => {
    inFlight.inc();
    reply.raw.once('close', () => inFlight.dec()); // Also when the caller goes away before the answer.
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    // The pattern, not the path: ids in labels would make a series each.
    const route = request.routeOptions.url ?? 'unknown';
    seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
    done();
  });
}
