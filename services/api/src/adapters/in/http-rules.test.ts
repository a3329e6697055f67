import type { Span, SpanAttributes, Tracing } from '@botplane/kit';
import { silentLog } from '@botplane/kit';
import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { addRequestTraces } from './http-rules.ts';

/** Stands for our own port: remembers what was recorded. */
class RecordedTraces implements Tracing {
  readonly spans: { name: string; attributes: SpanAttributes; failed?: string; isOver: boolean }[] = [];

  begin(name: string, _kind: string, attributes: SpanAttributes = {}): Span {
    const told: RecordedTraces['spans'][number] = { name, attributes, isOver: false };
    this.spans.push(told);
    const span: Span = {
      traceparent: '', ids: { trace_id: '', span_id: '' }, child: () => span, report: () => span, event: () => undefined, interrupt: () => undefined,
      set: (more) => void (told.attributes = { ...told.attributes, ...more }),
      fail: (errorType) => void (told.failed = errorType),
      end: () => void (told.isOver = true),
    };
    return span;
  }
  resume(): undefined {}
  gather(): undefined {}
  async close(): Promise<void> {}
}

it('[P10] makes each request a trace by its route, except for those that machines ask', async () => {
  const traces = new RecordedTraces();
  const server = fastify();
  addRequestTraces(server, traces, silentLog());
  server.get('/readyz', () => 'ok');
  server.get('/v1/bots/:botId', () => 'a bot');
  server.get('/broken', () => {
    throw new Error('broken');
  });
  for (const url of ['/readyz', '/v1/bots/shop_secret?token=1', '/broken', '/nowhere']) await server.inject({ url });
  await server.close();
  expect(traces.spans.map(({ name, failed, isOver, attributes }) => [name, failed, isOver, attributes['http.response.status_code']])).toEqual([
    ['GET /v1/bots/:botId', undefined, true, 200],
    ['GET /broken', '500', true, 500],
  ]);
  expect(JSON.stringify(traces.spans)).not.toMatch(/shop_secret|token/);
});
