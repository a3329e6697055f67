import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Controller, TerminalError } from './controller.ts';
import type { ControllerOptions, Reconcile } from './controller.ts';
import { K8sError } from './errors.ts';
import { METRICS } from './ports.ts';
import type { MetricsPort } from './ports.ts';
import { WorkQueue } from './work-queue.ts';

class CountingMetrics implements MetricsPort {
  readonly counts = new Map<string, number>();
  readonly wrongLabels: string[] = [];
  increment(name: keyof typeof METRICS, labels: Record<string, string>, by = 1): void {
    this.check(name, labels);
    const key = labels['result'] ? `${name} ${labels['result']}` : name;
    this.counts.set(key, (this.counts.get(key) ?? 0) + by);
  }
  set(name: keyof typeof METRICS, labels: Record<string, string>): void {
    this.check(name, labels);
  }
  observe(name: keyof typeof METRICS, labels: Record<string, string>): void {
    this.check(name, labels);
  }
  /** prom-client refuses labels that were not declared. */
  private check(name: keyof typeof METRICS, labels: Record<string, string>): void {
    const [given, declared] = [Object.keys(labels), METRICS[name].labels].map((names) => [...names].sort((a, b) => a.localeCompare(b)).join());
    if (given !== declared) this.wrongLabels.push(`${name}: ${given}`);
  }
}

let running: Controller | undefined;
afterEach(() => running?.stop(0));

async function setup(reconcile: Reconcile, options: Partial<ControllerOptions> = {}) {
  const metrics = new CountingMetrics();
  const controller = new Controller({ name: 'test', reconcile, metrics, ...options });
  running = controller;
  await controller.start();
  return { controller, metrics };
}

describe('Controller', () => {
  it('reconciles different keys at once, up to its limit, and one key never twice at once', async () => {
    const inWork: string[] = [];
    let most = 0;
    const { controller } = await setup(async (key) => {
      expect(inWork).not.toContain(key);
      inWork.push(key);
      most = Math.max(most, inWork.length);
      await sleep(5);
      inWork.splice(inWork.indexOf(key), 1);
    }, { concurrency: 3 });
    for (let round = 0; round < 5; round++) {
      for (const key of ['a', 'b', 'c', 'd', 'e']) controller.enqueue(key);
      await sleep(3);
    }
    await expect.poll(() => controller.queue.length + controller.queue.active).toBe(0);
    expect(most).toBe(3);
  });

  it('tries a failed key again until it works, then starts its wait from the beginning', async () => {
    const failures: number[] = [];
    const { controller, metrics } = await setup(async (_key, context) => {
      failures.push(context.failures);
      if (failures.length < 4) throw new Error('not yet');
    });
    controller.enqueue('a');
    await expect.poll(() => failures).toEqual([0, 1, 2, 3]);
    await expect.poll(() => controller.queue.failuresOf('a')).toBe(0);
    expect(metrics.counts.get('controller_runtime_reconcile_total error')).toBe(3);
    expect(metrics.counts.get('controller_runtime_reconcile_total success')).toBe(1);
    expect(metrics.counts.get('workqueue_retries_total')).toBe(3);
    expect(metrics.wrongLabels).toEqual([]);
  });

  it('lets a key rest after a terminal error, until something changes', async () => {
    let runs = 0;
    const { controller, metrics } = await setup(async () => {
      runs++;
      throw new TerminalError('the spec cannot work');
    });
    controller.enqueue('a');
    await expect.poll(() => runs).toBe(1);
    await sleep(50);
    expect(runs).toBe(1);
    controller.enqueue('a');
    await expect.poll(() => runs).toBe(2);
    expect(metrics.counts.get('controller_runtime_terminal_reconcile_errors_total')).toBe(2);
  });

  it('comes back after requeueAfterMs', async () => {
    let runs = 0;
    const { controller } = await setup(async () => (++runs < 3 ? { requeueAfterMs: 5 } : {}));
    controller.enqueue('a');
    await expect.poll(() => runs).toBe(3);
    await sleep(30);
    expect(runs).toBe(3);
  });

  it('waits at least as long as the API server asked', async () => {
    let runs = 0;
    const startedMs = performance.now();
    const { controller } = await setup(async () => {
      if (++runs === 1) throw new K8sError('slow down', { status: 429, reason: 'TooManyRequests', method: 'GET', path: '/', retryAfterMs: 300 });
    });
    controller.enqueue('a');
    await expect.poll(() => runs).toBe(2);
    expect(performance.now() - startedMs).toBeGreaterThan(290);
  });

  it('ends a reconcile that takes too long by its signal', async () => {
    const reasons: unknown[] = [];
    const { controller, metrics } = await setup(async (_key, { signal }) => {
      if (reasons.length > 0) return;
      await sleep(60_000, undefined, { signal }).catch(() => reasons.push(signal.reason));
      signal.throwIfAborted();
    }, { reconcileTimeoutMs: 30 });
    controller.enqueue('a');
    await expect.poll(() => metrics.counts.get('controller_runtime_reconcile_total success')).toBe(1);
    expect(reasons).toMatchObject([{ name: 'TimeoutError' }]);
    expect(metrics.counts.get('controller_runtime_reconcile_timeouts_total')).toBe(1);
  });

  it('frees the worker of a reconcile that ignores its signal, but not its key', async () => {
    const stuck = Promise.withResolvers<void>();
    const runs: string[] = [];
    const { controller } = await setup(async (key) => {
      runs.push(key);
      if (runs.length === 1) await stuck.promise;
    }, { reconcileTimeoutMs: 20 });
    controller.enqueue('stuck');
    controller.enqueue('other');
    await expect.poll(() => runs).toEqual(['stuck', 'other']);
    await sleep(50);
    expect(runs).toEqual(['stuck', 'other']);
    stuck.resolve();
    await expect.poll(() => runs).toEqual(['stuck', 'other', 'stuck']);
  });

  it('waits for running reconciles when it stops, and starts none afterwards', async () => {
    const ended: string[] = [];
    const { controller } = await setup(async (key) => {
      await sleep(30);
      ended.push(key);
    });
    controller.enqueue('a');
    controller.enqueue('b');
    await sleep(5);
    await controller.stop();
    controller.enqueue('c');
    expect(ended).toEqual(['a']);
    await expect(controller.start()).rejects.toThrow('was stopped');
  });

  it('aborts reconciles that outlast the stop', async () => {
    let aborted = false;
    const { controller } = await setup(async (_key, { signal }) => {
      await sleep(60_000, undefined, { signal }).catch(() => (aborted = true));
    });
    controller.enqueue('a');
    await sleep(5);
    await controller.stop(10);
    expect(aborted).toBe(true);
  });

  it('takes another queue', async () => {
    const queue = new WorkQueue({ retryDelayMs: 1 });
    const { controller } = await setup(async () => undefined, { queue });
    expect(controller.queue).toBe(queue);
  });
});
