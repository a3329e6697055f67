import { chatMark } from '@botplane/domain';
import { TRACEPARENT } from '@botplane/kit';
import { startOtlpCollector } from '@botplane/testing';
import type { ReceivedSpan, TestCollector } from '@botplane/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PERSON, Pipeline } from './pipeline.ts';

let pipeline: Pipeline;
let collector: TestCollector | undefined;

beforeAll(async () => {
  pipeline = await Pipeline.open();
});
afterEach(async () => {
  await pipeline.stop();
  await collector?.stop();
  collector = undefined;
});
afterAll(async () => {
  await pipeline.close();
});

/** Each span under its parent, as `service: name`, children in the order in which they began. */
function treeOf(spans: readonly ReceivedSpan[], parentId?: string): unknown[] {
  const children = spans.filter((span) => span.parentId === parentId).toSorted((a, b) => a.startMs - b.startMs);
  return children.map((span) => {
    const below = treeOf(spans, span.spanId);
    const title = `${span.service.replace('botplane-', '')}: ${span.name} (${span.kind})`;
    return below.length === 0 ? title : { [title]: below };
  });
}

/** Resolves when the collector has all of so many traces: what a span is the parent of in its process comes with it or before it. */
async function untilTold(from: TestCollector, traces: number): Promise<void> {
  for (const name of ['POST /wh/:botId', 'process updates', 'process out']) await expect.poll(() => from.spans.filter((span) => span.name === name).length).toBe(traces);
}

/** Headers of everything that goes through these subjects from now on. */
async function tap(...patterns: string[]): Promise<{ subject: string; traceparent: string }[]> {
  const seen: { subject: string; traceparent: string }[] = [];
  for (const pattern of patterns) pipeline.nats.connection.subscribe(pattern, { callback: (_error, message) => void seen.push({ subject: message.subject, traceparent: message.headers?.get(TRACEPARENT) ?? '' }) });
  await pipeline.nats.connection.flush(); // The server knows of it.
  return seen;
}

describe('[P10] traces', () => {
  it('[P10] show every hop of one update, and lead to its log lines', async () => {
    collector = await startOtlpCollector();
    await pipeline.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20key', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test', OTEL_BSP_SCHEDULE_DELAY: '50' });
    const updateId = await pipeline.talk('hello there');
    await untilTold(collector, 1);

    const { spans, lastHeaders } = collector;
    const traceIds = new Set(spans.map(({ traceId }) => traceId));
    expect(traceIds.size).toBe(1);
    const loadsAtFirst = { 'executor: botplane.runtime.v1.Runtime/Run (client)': ['runtime: botplane.runtime.v1.Runtime/Run (server)'] };
    expect(treeOf(spans)).toEqual([
      {
        'ingress: POST /wh/:botId (server)': [
          {
            'ingress: publish updates (producer)': [
              {
                'executor: process updates (consumer)': [
                  'executor: load state (internal)',
                  loadsAtFirst,
                  'executor: botplane.runtime.v1.Runtime/Load (client)',
                  { 'executor: botplane.runtime.v1.Runtime/Run (client)': [{ 'runtime: botplane.runtime.v1.Runtime/Run (server)': ['runtime: sandbox step (internal)'] }] },
                  'executor: commit state (internal)',
                  { 'executor: publish out (producer)': [{ 'delivery: process out (consumer)': ['delivery: POST /bot{token}/sendMessage (client)', 'delivery: record sent (internal)'] }] },
                ],
              },
            ],
          },
        ],
      },
    ]);

    const byId = new Map(spans.map((span) => [span.spanId, span]));
    for (const span of spans) {
      expect(span.endMs).toBeGreaterThanOrEqual(span.startMs);
      expect(span.startMs).toBeGreaterThanOrEqual((byId.get(span.parentId ?? '')?.startMs ?? 0) - 2); // Start times have whole ms.
    }
    expect(spans.find(({ name }) => name.startsWith('POST /wh'))?.attributes).toMatchObject({ 'http.response.status_code': 200, 'botplane.bot.id': 'default_echo', 'botplane.update.id': updateId });
    expect(lastHeaders).toMatchObject({ 'x-key': 'a key' });

    const [traceId] = traceIds;
    const lines = pipeline.logLines.filter((line) => line.trace_id === traceId);
    expect(lines.map(({ name, msg }) => `${name}: ${msg}`).toSorted()).toEqual(['delivery: call is settled', 'executor: update is settled', 'ingress: update is stored']);
    for (const line of lines) expect(byId.has(line.span_id ?? '')).toBe(true);
    expect(lines.map(({ chat }) => chat)).toEqual(Array(3).fill(chatMark('default_echo', `c${PERSON.id}`)));
  });

  it('[P10] say nothing of what people write, who they are, or of tokens', async () => {
    collector = await startOtlpCollector();
    await pipeline.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '50' });
    await pipeline.talk('a private word');
    await untilTold(collector, 1);

    const told = JSON.stringify(collector.spans.map(({ name, attributes }) => ({ name, attributes }))) + JSON.stringify(pipeline.logLines);
    expect(collector.spans.length).toBeGreaterThan(5);
    for (const secret of ['private word', String(PERSON.id), PERSON.first_name, pipeline.token, pipeline.token.split(':')[1] ?? '']) expect(told).not.toContain(secret);
  });

  it('[P10] go on with the trace of a proxy and its decision', async () => {
    collector = await startOtlpCollector();
    await pipeline.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER: 'parentbased_always_off', OTEL_BSP_SCHEDULE_DELAY: '50' });
    const seen = await tap('updates.>', 'out.>');
    await pipeline.talk('not sampled');
    const trace = 'a'.repeat(32);
    await pipeline.deliver(`00-${trace}-${'b'.repeat(16)}-01`, 'sampled by the proxy');
    await untilTold(collector, 1);

    expect(seen.filter(({ traceparent }) => traceparent === '')).toHaveLength(2);
    expect(seen.filter(({ traceparent }) => traceparent.startsWith(`00-${trace}-`))).toHaveLength(2);
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([trace]));
  });

  it('[P10] show what an executor tried that gave its partition up, and what the next one did', async () => {
    collector = await startOtlpCollector();
    const from = collector;
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: from.url, OTEL_BSP_SCHEDULE_DELAY: '50' };
    await pipeline.offerRuntime(false);
    await pipeline.start(env);
    await pipeline.write('waits for a pod');
    await expect.poll(() => pipeline.metrics('executor')).toMatch(/^botplane_executor_retries_total\{.*\} [1-9]/m);
    await pipeline.stop();
    const tries = (): (string | number | boolean | undefined)[] => from.spans.filter(({ name }) => name === 'process updates').toSorted((a, b) => a.startMs - b.startMs).map(({ isFailed, attributes }) => attributes[isFailed ? 'error.type' : 'botplane.outcome']);
    await expect.poll(tries).toEqual(['partition_lost']);

    await pipeline.offerRuntime(true);
    await pipeline.start(env);
    await pipeline.untilAnswered('waits for a pod');
    await expect.poll(tries).toEqual(['partition_lost', 'handled']);
    expect(new Set(from.spans.map(({ traceId }) => traceId)).size).toBe(1);
  });

  it('[P10] are off without a collector: no message has a header for them', async () => {
    await pipeline.start({});
    const seen = await tap('updates.>', 'out.>');
    await pipeline.talk('untraced');

    expect(seen.map(({ traceparent }) => traceparent)).toEqual(['', '']);
    expect(pipeline.logLines.filter((line) => line.trace_id !== undefined)).toEqual([]);
    expect(await pipeline.metrics('ingress')).not.toContain('botplane_trace_spans_total');
  });

  it('[P10] hold nothing up when the collector hangs, and count what is dropped', async () => {
    collector = await startOtlpCollector({ hangs: true });
    await pipeline.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_BSP_MAX_QUEUE_SIZE: '8', OTEL_EXPORTER_OTLP_TIMEOUT: '60000' });
    for (let n = 1; n <= 10; n++) await pipeline.talk(`while it hangs ${n}`);

    expect(await pipeline.metrics('executor')).toMatch(/^botplane_trace_spans_total\{outcome="dropped"\} [1-9]/m);
    expect(await pipeline.metrics('executor')).toMatch(/^botplane_trace_spans_total\{outcome="exported"\} 0$/m);
  });
});
