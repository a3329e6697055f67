import { BUCKETS } from '@botplane/contracts';
import type { SentRecord } from '@botplane/contracts';
import type { RunningService } from '@botplane/kit';
import { TypedBucket } from '@botplane/nats';
import { startOtlpCollector } from '@botplane/testing';
import type { ReceivedSpan, TestCollector } from '@botplane/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stage } from './setup.ts';

let stage: Stage;
let collector: TestCollector;
let delivery: RunningService;
beforeAll(async () => {
  [stage, collector] = await Promise.all([Stage.open(), startOtlpCollector()]);
  delivery = await stage.startDelivery({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20' });
});
afterAll(async () => {
  await delivery?.close();
  await collector?.stop();
  await stage?.close();
});

const TRACE = 'a'.repeat(32);
const SLOW_MS = 4_000;

it('[P10] the span of a call that is given up with the partition ends, as failed, and the next owner has its own', async () => {
  const bot = await stage.bot();
  await bot.people(1);
  await bot.fault({ method: 'sendMessage', kind: 'slow', delay_ms: SLOW_MS, count: 2 });
  const sent = new TypedBucket<SentRecord>(stage.nats.jsm, BUCKETS.sent);
  await bot.send(1, 'first');
  await bot.send(1, 'second', { traceparent: `00-${TRACE}-${'b'.repeat(16)}-01` });

  // Somebody else writes the record while the second call is with Telegram: what a partition with two owners looks like.
  await expect.poll(() => bot.sentRecord('1'), { interval: 20 }).toBeDefined();
  await sent.put(`${bot.botId}.1`, (await bot.sentRecord('1')) as SentRecord);

  const spansOf = (): ReceivedSpan[] => collector.spans.filter(({ name, traceId }) => name === 'process out' && traceId === TRACE).toSorted((a, b) => a.startMs - b.startMs);
  await expect.poll(() => spansOf().map(({ isFailed, attributes }) => (isFailed ? attributes['error.type'] : attributes['botplane.outcome']))).toEqual(['stopped', 'sent']);
  expect(await bot.texts(1)).toEqual(['first', 'second', 'second']);
});
