import { startOtlpCollector } from '@botplane/testing';
import type { ReceivedSpan, TestCollector } from '@botplane/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '../config.ts';
import { silentLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { tracingEnv } from './config.ts';
import type { Tracing } from './span.ts';
import { startTracing } from './start-tracing.ts';

const SCHEMA = z.object(tracingEnv);
const SAMPLED = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const OTHER = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
const UNSAMPLED = `00-${'e'.repeat(32)}-${'f'.repeat(16)}-00`;

let collector: TestCollector;
let open: Tracing[] = [];

beforeEach(async () => {
  collector = await startOtlpCollector();
});
afterEach(async () => {
  await Promise.all(open.map((tracing) => tracing.close()));
  open = [];
  await collector.stop();
});

async function start(env: Record<string, string> = {}): Promise<Tracing> {
  const config = parseConfig(SCHEMA, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '10', ...env });
  const tracing = await startTracing({ config, service: 'test', instance: 'test-1', metrics: createMetrics({ defaults: false }), log: silentLog() });
  if (tracing === undefined) throw new Error('tracing is off');
  open.push(tracing);
  return tracing;
}

async function received(count: number): Promise<ReceivedSpan[]> {
  await expect.poll(() => collector.spans.length).toBe(count);
  return collector.spans;
}

describe('tracing', () => {
  it.each([{}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }])('[P10] is off with %o', async (env) => {
    const metrics = createMetrics({ defaults: false });
    expect(await startTracing({ config: parseConfig(SCHEMA, env), service: 'test', instance: 'test-1', metrics, log: silentLog() })).toBeUndefined();
    expect(await metrics.registry.metrics()).not.toContain('trace');
  });

  it('goes on with a trace, and begins one where there is none', async () => {
    const tracing = await start();
    tracing.resume(SAMPLED, 'resumed', 'consumer')?.end();
    tracing.begin('begun', 'server', {}, 'nonsense')?.end();
    const spans = await received(2);
    expect(spans.find(({ name }) => name === 'resumed')).toMatchObject({ traceId: 'a'.repeat(32), parentId: 'b'.repeat(16), kind: 'consumer', service: 'botplane-test' });
    expect(spans.find(({ name }) => name === 'begun')).toMatchObject({ parentId: undefined, kind: 'server' });
    for (const header of [undefined, '', 'nonsense', UNSAMPLED, `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`]) expect(tracing.resume(header, 'none', 'consumer')).toBeUndefined();
  });

  it('leaves it to the sampler what begins, and to the parent what goes on', async () => {
    const tracing = await start({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' });
    expect(tracing.begin('begun', 'server')).toBeUndefined();
    expect(tracing.resume(SAMPLED, 'resumed', 'consumer')).toBeDefined();
  });

  it('links one operation to several traces, and makes it part of a single one', async () => {
    const tracing = await start();
    tracing.gather([SAMPLED, undefined, UNSAMPLED, OTHER], 'of two', 'consumer')?.end();
    tracing.gather([UNSAMPLED, OTHER], 'of one', 'consumer')?.end();
    expect(tracing.gather([undefined, UNSAMPLED], 'of none', 'consumer')).toBeUndefined();
    const spans = await received(2);
    expect(spans.find(({ name }) => name === 'of two')).toMatchObject({ parentId: undefined, links: ['b'.repeat(16), 'd'.repeat(16)] });
    expect(spans.find(({ name }) => name === 'of one')).toMatchObject({ parentId: 'd'.repeat(16), links: [] });
  });

  it('ends with a span the parts that it left open, as failed', async () => {
    const tracing = await start();
    const span = tracing.begin('whole', 'internal');
    const part = span?.child('part', 'client');
    span?.child('done', 'internal').end();
    span?.end();
    part?.end();
    const spans = await received(3);
    expect(Object.fromEntries(spans.map(({ name, isFailed }) => [name, isFailed]))).toEqual({ done: false, part: true, whole: false });
    expect(spans.find(({ name }) => name === 'part')?.attributes).toEqual({ 'error.type': 'abandoned' });
  });

  it('tells of what another process did, within the span that waited for it', async () => {
    const tracing = await start();
    const span = tracing.begin('waits', 'client');
    const served = span?.report('runtime', 'serves', 'server', { afterMs: 2, tookMs: 5 }, { 'botplane.sandbox.cold': true });
    served?.report('runtime', 'inside', 'internal', { afterMs: 1, tookMs: 3 });
    span?.end();
    const byName = new Map((await received(3)).map((one) => [one.name, one]));
    const of = (name: string): ReceivedSpan => byName.get(name) ?? expect.fail(`no span ${name}`);
    expect(of('serves')).toMatchObject({ service: 'botplane-runtime', parentId: of('waits').spanId, kind: 'server' });
    expect(of('inside').parentId).toBe(of('serves').spanId);
    expect(of('serves').startMs - of('waits').startMs).toBeCloseTo(2, 1);
    expect(of('inside').endMs - of('inside').startMs).toBeCloseTo(3, 1);
  });

  it('does not show headers that it cannot read', () => {
    expect(() => parseConfig(SCHEMA, { OTEL_EXPORTER_OTLP_HEADERS: 'a-secret-without-a-name' })).toThrow(/OTEL_EXPORTER_OTLP_HEADERS: must be name=value/);
    expect(() => parseConfig(SCHEMA, { OTEL_EXPORTER_OTLP_HEADERS: 'a-secret-without-a-name' })).not.toThrow(/a-secret/);
    expect(parseConfig(SCHEMA, { OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b, y = c=d' }).OTEL_EXPORTER_OTLP_HEADERS).toEqual({ 'x-key': 'a b', y: 'c=d' });
  });
});
