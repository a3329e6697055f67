import { openNats } from '@botplane/nats';
import { BulkWatch } from './bulk-watch.ts';
import { Driver } from './driver.ts';
import { FakeTelegram } from './fake-telegram.ts';
import type { LoadAnswer, LoadOrder } from './orders.ts';
import { makeMessage } from './updates.ts';

/** Entry of the load process: people that write, and the Telegram that their answers reach. Ends with its parent. */
const driver = new Driver();
const bulk = new BulkWatch();
const telegram = new FakeTelegram((call) => {
  const retryAfterS = bulk.take(call);
  if (retryAfterS === undefined) driver.answered(call.text);
  return retryAfterS ?? 0;
});

async function obey(order: LoadOrder): Promise<LoadAnswer> {
  switch (order.kind) {
    case 'listen':
      return { kind: 'listening', port: await telegram.listen() };
    case 'drive':
      return { kind: 'driven', driven: await driver.drive(order.drive) };
    case 'raw':
      return { kind: 'raw', perSecond: await publishRaw(order) };
    case 'watch-bulk':
      bulk.start(order.bulk);
      return { kind: 'watching' };
    case 'bulk-done':
      return { kind: 'bulk', seen: await bulk.done(order.msMax) };
  }
}

/** What the broker takes from one process that does nothing else. */
async function publishRaw({ natsUrl, subject, ms, sendingMax }: LoadOrder & { kind: 'raw' }): Promise<number> {
  const { connection, js } = await openNats({ url: natsUrl, name: 'bench-raw' });
  const startMs = performance.now();
  let count = 0;
  const run = String(startMs);
  const sendOn = async (): Promise<void> => {
    while (performance.now() - startMs < ms) {
      const n = count++;
      await js.publish(subject, makeMessage(n, n, startMs).json, { msgID: `${run}:${n}` });
    }
  };
  await Promise.all(Array.from({ length: sendingMax }, sendOn));
  const perSecond = count / ((performance.now() - startMs) / 1_000);
  await connection.close();
  return perSecond;
}

process.on('message', (order: LoadOrder) => {
  void obey(order).catch((error: Error): LoadAnswer => ({ kind: 'failed', message: error.message })).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit(0));
