import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMPTY, OBEDIENT, SYNTAX_ERROR, inputOf } from './guests.ts';
import { revHashOf, startRuntime } from './setup.ts';
import type { TestRuntime } from './setup.ts';

let runtime: TestRuntime;
const rev = revHashOf(OBEDIENT);
beforeAll(async () => {
  runtime = await startRuntime();
  await runtime.load('shop_a', OBEDIENT);
});
afterAll(() => runtime?.stop());

const state = (json: string | undefined): Record<string, unknown> => (JSON.parse(json ?? '{}') as { state: Record<string, unknown> }).state;

describe('Load', () => {
  it('[C2][P7] takes code once and knows it the second time', async () => {
    expect((await runtime.load('shop_b', OBEDIENT)).already_loaded).toBe(false);
    expect((await runtime.load('shop_b', OBEDIENT)).already_loaded).toBe(true);
  });

  it('refuses code that is not what its hash says, does not evaluate, or defines nothing to run', async () => {
    const request = { bot_id: 'shop_c', rev_hash: rev, sha256: 'ab'.repeat(32), code: Buffer.from(OBEDIENT) };
    await expect(new Promise((resolve, reject) => runtime.client.Load(request, (error, reply) => (error ? reject(error) : resolve(reply))))).rejects.toMatchObject({ code: 3 });
    await expect(runtime.load('shop_c', SYNTAX_ERROR)).rejects.toMatchObject({ code: 3 });
    await expect(runtime.load('shop_c', EMPTY)).rejects.toMatchObject({ code: 3, details: expect.stringContaining('botplane.run') as string });
  });
});

describe('Probe', () => {
  it('[P7] runs one step of a loaded revision', async () => {
    const reply = await runtime.probe('shop_a', rev, 'hello');
    expect(state(reply.output_json)).toMatchObject({ echo: 'hello' });
    expect(reply.cpu_ms).toBeGreaterThan(0);
  });

  it('says NOT_FOUND for what is not loaded', async () => {
    await expect(runtime.probe('shop_a', 'ff'.repeat(20), 'hello')).rejects.toMatchObject({ code: 5 });
  });
});

describe('Run', () => {
  it('[P9] answers each call with its id and keeps the isolate warm', async () => {
    // The first step is on trial in another host, the second makes the isolate in this one.
    for (const text of ['first', 'second']) await runtime.run('shop_a', rev, text);
    const before = await runtime.metric('botplane_runtime_isolates_total{start="warm"}');
    const replies = await Promise.all(Array.from({ length: 50 }, (_none, n) => runtime.run('shop_a', rev, `hello ${n}`)));
    expect(replies.map((reply) => state(reply.output_json)['echo'])).toEqual(Array.from({ length: 50 }, (_none, n) => `hello ${n}`));
    expect((await runtime.metric('botplane_runtime_isolates_total{start="warm"}')) - before).toBe(50);
  });

  it('[A6] answers every call of a message that brings several', async () => {
    const replies = await runtime.runTogether('shop_a', rev, Array.from({ length: 50 }, (_none, n) => `hello ${n}`));
    expect(replies.map((reply) => state(reply.output_json)['echo'])).toEqual(Array.from({ length: 50 }, (_none, n) => `hello ${n}`));
  });

  it('answers NOT_LOADED for a revision it has no code of', async () => {
    expect((await runtime.run('shop_a', 'ff'.repeat(20), 'hello')).failure?.code).toBe('NOT_LOADED');
    expect((await runtime.run('shop_x', rev, 'hello')).failure?.code).toBe('NOT_LOADED');
  });

  it.each([
    ['throw', 'TypeError: no such flow'],
    ['nothing', 'returned no text'],
    ['garbage', 'no GuestOutput'],
    ['stack', 'RangeError'],
    ['long', 'more than'],
  ])('blames the guest for its own failure: %s', async (word, message) => {
    const reply = await runtime.run('shop_a', rev, word);
    expect(reply.failure).toMatchObject({ code: 'GUEST_ERROR', message: expect.stringContaining(message) as string });
    expect(state((await runtime.run('shop_a', rev, 'hello')).output_json)['echo']).toBe('hello');
  });

  it('keeps two bots with the same code apart', async () => {
    await runtime.load('shop_d', OBEDIENT);
    await runtime.run('shop_d', rev, 'eval globalThis.leak = "d"');
    expect(state((await runtime.run('shop_a', rev, 'eval typeof leak')).output_json)['value']).toBe('undefined');
  });

  it('[P9] ends isolates over the limit, least recently used first, and makes them again', async () => {
    const small = await startRuntime({ SANDBOX_ISOLATES_MAX: '2' });
    try {
      for (const bot of ['shop_1', 'shop_2', 'shop_3']) await small.load(bot, OBEDIENT);
      for (const text of ['a first step, which is on trial', 'a second']) for (const bot of ['shop_1', 'shop_2', 'shop_3']) await small.run(bot, rev, text);
      expect(await small.metric('botplane_runtime_isolates_live{host="0"}')).toBe(2);
      expect(state((await small.run('shop_1', rev, 'hello')).output_json)).toMatchObject({ runs: 1, echo: 'hello' });
      expect(await small.metric('botplane_runtime_isolates_live{host="0"}')).toBe(2);
      expect(await small.metric('botplane_runtime_isolates_total{start="cold"}')).toBe(4);
    } finally {
      await small.stop();
    }
  });

  it('[P9] ends isolates that idle longer than their time', async () => {
    const brief = await startRuntime({ SANDBOX_IDLE_TTL_MS: '200' });
    try {
      await brief.load('shop_1', OBEDIENT);
      await expect.poll(() => brief.metric('botplane_runtime_isolates_live{host="0"}')).toBe(0);
      expect((await brief.run('shop_1', rev, 'hello')).output_json).toContain('hello');
      expect(await brief.metric('botplane_runtime_host_resident_bytes{host="0"}')).toBeGreaterThan(10 * 1024 ** 2);
    } finally {
      await brief.stop();
    }
  });
});

describe('shutdown', () => {
  it('[A6] answers what is in hand, ends the streams and is gone soon', async () => {
    const going = await startRuntime();
    await going.load('shop_a', OBEDIENT);
    const answers = Array.from({ length: 20 }, (_none, n) => going.run('shop_a', rev, `hello ${n}`));
    await answers[0];
    const startedMs = performance.now();
    await going.service.close();
    expect((await Promise.all(answers)).every((answer) => answer.output_json !== undefined || ['OVERLOADED', 'HOST_LOST'].includes(answer.failure?.code ?? ''))).toBe(true);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it('refuses an input beyond its limit without touching a host', async () => {
    expect((await runtime.run('shop_a', rev, 'x'.repeat(2 * 1024 * 1024))).failure?.code).toBe('GUEST_ERROR');
    expect(inputOf('x').length).toBeLessThan(100);
  });
});
