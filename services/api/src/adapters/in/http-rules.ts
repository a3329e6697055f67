import type { Log, Metrics, Span, Tracing } from '@botplane/kit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
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

/** Paths that are asked all the time, and by nobody who waits. */
const UNTRACED = new Set(['/healthz', '/readyz', '/metrics', '/lag']);

/**
 * Makes each request to a route that is added after this a trace of its own. The caller's `traceparent` does not count: who is no more than
 * on the way to be known must not decide what is recorded.
 */
export function addRequestTraces(server: FastifyInstance, tracing: Tracing, log: Log): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  server.addHook('onRequest', (request, _reply, done) => {
    const { url: route } = request.routeOptions;
    const span = route === undefined || UNTRACED.has(route) ? undefined : tracing.begin(`${request.method} ${route}`, 'server', { 'http.request.method': request.method, 'http.route': route, 'url.scheme': request.protocol });
    if (span !== undefined) spans.set(request, span);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request);
    if (span !== undefined) {
      span.set({ 'http.response.status_code': reply.statusCode });
      if (reply.statusCode >= 500) span.fail(String(reply.statusCode));
      span.end();
      log.info({ ...span.ids, method: request.method, route: request.routeOptions.url, status: reply.statusCode }, 'request is answered');
    }
    done();
  });
}
