import { Readiness, createMetrics, silentLog } from '@botplane/kit/plain';
import { expect, it, onTestFinished } from 'vitest';
import { memoryJournal } from '../../app/memory-journal.ts';
import { Simulator } from '../../app/simulator.ts';
import { makeMeter } from '../out/prometheus-meter.ts';
import { UndiciWebhookClient } from '../out/undici-webhook-client.ts';
import { makeHttpServer } from './http-server.ts';
import { Stopping } from './stopping.ts';

/** Status of a control call from an address. */
async function statusFrom(remoteAddress: string, controlFrom: 'loopback' | 'anywhere', origin?: string): Promise<number> {
  const metrics = createMetrics({ defaults: false });
  const webhooks = new UndiciWebhookClient();
  const simulator = new Simulator({ journal: memoryJournal(), webhooks, meter: makeMeter(metrics, () => 0), clock: Date.now });
  const server = makeHttpServer({ simulator, stopping: new Stopping(), readiness: new Readiness(), metrics, log: silentLog(), controlFrom });
  onTestFinished(async () => {
    await server.close();
    await simulator.close();
    await webhooks.close();
  });
  const { statusCode } = await server.inject({ method: 'GET', url: '/_sim/stats', remoteAddress, headers: { host: 'sim:8080', ...(origin ? { origin } : {}) } });
  return statusCode;
}

it('is controlled from this machine only, unless everybody may', async () => {
  expect(await statusFrom('127.0.0.1', 'loopback')).toBe(200);
  expect(await statusFrom('10.1.2.3', 'loopback')).toBe(403);
  expect(await statusFrom('10.1.2.3', 'anywhere')).toBe(200);
});

it('is never controlled by pages of other sites', async () => {
  expect(await statusFrom('10.1.2.3', 'anywhere', 'http://evil.example')).toBe(403);
  expect(await statusFrom('10.1.2.3', 'anywhere', 'http://sim:8080')).toBe(200);
});
