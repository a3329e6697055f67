import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Watch, raisedAfterMs } from './autoscaling.ts';
import type { Sample } from './autoscaling.ts';

const RUSH_MS = 1_000;
const sample = (ms: number, lag: number, ready: number): Sample => ({ ms, lag, executors: { wanted: ready, ready }, runtimes: { wanted: 1, ready: 1 } });
const raised = (...samples: Sample[]): number => raisedAfterMs(samples, RUSH_MS, ({ lag }) => lag > 10, ({ executors }) => executors.ready > 1);

it('a raise counts from the first lag of the rush', () => {
  expect(raised(sample(900, 50, 1), sample(1_100, 0, 1), sample(2_000, 11, 1), sample(3_000, 80, 1), sample(9_000, 80, 2))).toBe(7_000);
});

it('a raise without a lag that was seen before it counts from the begin of the rush', () => {
  expect(raised(sample(900, 50, 1), sample(1_100, 0, 1), sample(5_000, 0, 2), sample(6_000, 80, 2))).toBe(4_000);
});

it('a raise that never was took for ever', () => {
  expect(raised(sample(900, 0, 2), sample(2_000, 80, 1))).toBe(Infinity);
});

it('a watch goes on after kubectl and the api failed', async () => {
  const answers = [503, 200];
  const api = createServer((_, response) => void response.writeHead(answers.shift() ?? 200).end('{"updates":3}')).listen(0, '127.0.0.1');
  await new Promise((resolve) => api.once('listening', resolve));
  onTestFinished(() => void api.close());
  const failures = [undefined, new Error('connection refused')];
  const scaled = { spec: { replicas: 1 }, status: { readyReplicas: 1 } };
  const kubectl = async (): Promise<string> => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return JSON.stringify({ items: [scaled, scaled] });
  };
  const watch = new Watch({ kubectl }, `http://127.0.0.1:${(api.address() as AddressInfo).port}/lag`, () => undefined);
  onTestFinished(() => watch.stop());
  await watch.until('a sample after both failed', ({ lag, executors }) => lag === 3 && executors.ready === 1);
  expect([answers, failures]).toEqual([[], []]);
});
