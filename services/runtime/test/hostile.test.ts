import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListQuarantinedResponse } from '@botplane/contracts';
import { BLOCKING_TOP_LEVEL, ENDLESS_TOP_LEVEL, OBEDIENT } from './guests.ts';
import { revHashOf, startRuntime } from './setup.ts';
import type { TestRuntime } from './setup.ts';

let runtime: TestRuntime;
const rev = revHashOf(OBEDIENT);
const TAKEN_MS_MAX = 30_000;
const BYSTANDERS = ['shop_b', 'shop_c', 'shop_d'];

beforeAll(async () => {
  runtime = await startRuntime();
  for (const bot of ['shop_a', ...BYSTANDERS]) await runtime.load(bot, OBEDIENT);
});
afterAll(() => runtime?.stop());

/** Processes that this runtime started as sandbox hosts. */
const hostPids = (): number[] => execFileSync('pgrep', ['-P', String(process.pid), '-f', 'host/main'], { encoding: 'utf8' }).trim().split('\n').map(Number);

/** As executors do: what finds no room comes again, and so does a harmless step that got no processor: the host of greedy revisions yields to all others. */
async function runUntilTaken(bot: string, word: string): ReturnType<TestRuntime['run']> {
  const passing = word === 'hello' ? ['OVERLOADED', 'OVERRUN'] : ['OVERLOADED'];
  for (const untilMs = performance.now() + TAKEN_MS_MAX; ; ) {
    const reply = await runtime.run(bot, rev, word);
    if (!passing.includes(reply.failure?.code ?? '') || performance.now() > untilMs) return reply;
    await sleep(100);
  }
}

let attackers = 0;
/** One bot, by default a new one, does harm while others talk. Whoever shares the host must not notice more than a pause. */
async function attack(word: string, bot = `shop_x${attackers++}`): Promise<{ bot: string; code: string | undefined; message: string | undefined; tookMs: number }> {
  await runtime.load(bot, OBEDIENT);
  const startedMs = performance.now();
  const culprit = runUntilTaken(bot, word);
  const others = BYSTANDERS.flatMap((other) => [runtime.run(other, rev, 'hello'), runtime.run(other, rev, 'hello again')]);
  const { failure } = await culprit;
  const tookMs = performance.now() - startedMs;
  for (const reply of await Promise.all(others)) expect(reply.output_json).toContain('hello');
  return { bot, code: failure?.code, message: failure?.message, tookMs };
}

describe('a hostile bot', () => {
  it.each(['loop', 'microtasks', 'regex'])('[P9] is cut off at its CPU limit: %s', async (word) => {
    const { bot, code, tookMs } = await attack(word);
    expect(code).toBe('OVERRUN');
    expect(tookMs).toBeLessThan(2_000);
    const after = await runUntilTaken(bot, 'hello');
    expect(after.output_json ?? after.failure?.message).toContain('"runs":1');
  });

  it.each(['loop', 'memory'])('[P9] keeps its neighbours waiting once, then it runs apart, from loads too: %s', async (word) => {
    const bot = `shop_slow_${word}`;
    await runtime.load(bot, OBEDIENT);
    await runtime.probe(bot, rev, 'eval globalThis.here = "side"');
    expect((await runtime.run(bot, rev, 'eval globalThis.here = "live"')).output_json).toContain('live');
    expect((await runtime.run(bot, rev, word)).failure?.code).toMatch(word === 'loop' ? /OVERRUN/ : /GUEST_ERROR|OVERRUN/);
    const apartBefore = await runtime.metric('botplane_runtime_isolates_live{host="apart"}');
    expect((await runUntilTaken(bot, 'eval String(globalThis.here)')).output_json).toContain('undefined');
    const apart = await runtime.metric('botplane_runtime_isolates_live{host="apart"}');
    expect([apartBefore + 1, 1], 'one more, or the first of a host that took the place of an idle one').toContain(apart);
    const quarantined = await new Promise<ListQuarantinedResponse>((resolve, reject) => runtime.client.ListQuarantined({}, (error, reply) => (error ? reject(error) : resolve(reply as ListQuarantinedResponse))));
    expect(quarantined.revisions.map(({ bot_id: botId }) => botId)).not.toContain(bot);
  });

  it('[P9] is killed with its host where no timeout reaches it; the calls of others run again', async () => {
    await runtime.load('shop_y', OBEDIENT);
    const killsBefore = await runtime.metric('botplane_runtime_hosts_ended_total{reason="overrun"}');
    const { code, tookMs } = await attack('bigint', 'shop_y');
    expect(code).toBe('OVERRUN');
    expect(tookMs).toBeLessThan(5_000);
    expect((await runtime.metric('botplane_runtime_hosts_ended_total{reason="overrun"}')) - killsBefore).toBe(1);
  });

  it.each(['memory', 'buffers'])('[P9] ends at its memory limit: %s', async (word) => {
    const { bot, code } = await attack(word);
    expect(code).toMatch(/GUEST_ERROR|OVERRUN/);
    expect((await runUntilTaken(bot, 'hello')).output_json).toContain('hello');
  });

  it.each(['throw null', 'throw symbol', 'throw getter', 'throw proxy', 'throw long', 'promise', 'boxed', 'rejection'])('harms nobody with an odd end: %s', async (word) => {
    const hostsBefore = hostPids();
    const { code, message } = await attack(word);
    expect(code === undefined || ['GUEST_ERROR', 'OVERRUN'].includes(code)).toBe(true);
    expect((message ?? '').length).toBeLessThanOrEqual(2_048);
    expect(hostPids()).toEqual(hostsBefore);
  });

  it('cannot load what never ends to evaluate, and no live host is lost over it', async () => {
    const pids = hostPids();
    await expect(runtime.load('shop_e', ENDLESS_TOP_LEVEL)).rejects.toMatchObject({ code: 3 });
    await expect(runtime.load('shop_e', BLOCKING_TOP_LEVEL)).rejects.toMatchObject({ code: 3 });
    expect(hostPids().filter((pid) => pids.includes(pid))).toHaveLength(pids.length - 1);
    expect((await runtime.run('shop_b', rev, 'hello')).output_json).toContain('hello');
  });

  it('[P9] that loops is moved apart too, and no other bot waits for it any more', async () => {
    await runtime.load('shop_x', OBEDIENT);
    for (let strike = 0; strike < 3; strike += 1) expect((await attack('loop', 'shop_x')).code).toBe('OVERRUN');
    const loops = Array.from({ length: 10 }, () => runtime.run('shop_x', rev, 'loop'));
    const others = BYSTANDERS.map((bot) => runtime.run(bot, rev, 'hello'));
    const first = await Promise.race([Promise.all(others).then(() => 'others'), Promise.all(loops.slice(0, 5)).then(() => 'loops')]);
    expect(first).toBe('others');
    const codes = new Set((await Promise.all(loops)).map(({ failure }) => failure?.code));
    expect(codes, 'one after the other with a rest between; who would wait too long comes again').toContain('OVERLOADED');
    expect(['OVERRUN', 'OVERLOADED']).toEqual(expect.arrayContaining([...codes]));
  });

  it('is quarantined after three strikes, where it harms no live host', async () => {
    await runtime.load('shop_z', OBEDIENT);
    for (let strike = 0; strike < 3; strike += 1) expect((await attack('bigint', 'shop_z')).code).toBe('OVERRUN');
    const pids = hostPids();
    expect((await runUntilTaken('shop_z', 'bigint')).failure?.code).toBe('OVERRUN');
    expect(hostPids().filter((pid) => pids.includes(pid))).toHaveLength(pids.length - 1);
    expect((await runUntilTaken('shop_z', 'hello')).output_json).toContain('hello');
  });
});

describe('a host that dies by itself', () => {
  it('[P9] loses no call: what was in it runs again', async () => {
    const replies = Array.from({ length: 40 }, (_none, n) => runtime.run(BYSTANDERS[n % 3] ?? '', rev, `hello ${n}`));
    for (const pid of hostPids()) process.kill(pid, 'SIGKILL');
    for (const reply of await Promise.all(replies)) expect(reply.output_json ?? reply.failure?.message).toContain('hello');
    await expect.poll(async () => (await fetch(`${runtime.service.url}/readyz`)).status).toBe(200);
    expect((await runtime.run('shop_a', rev, 'hello')).output_json).toContain('hello');
  });
});

describe('inside the sandbox', () => {
  const value = async (script: string): Promise<string> => {
    const reply = await runtime.run('shop_b', rev, `eval ${script}`);
    return (JSON.parse(reply.output_json ?? '{"state":{"value":"?"}}') as { state: { value: string } }).state.value;
  };

  it.each(['process', 'require', 'module', 'global', 'Buffer', 'fetch', 'setTimeout', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'console', 'ivm', 'Isolate', 'Reference'])('there is no %s', async (name) => {
    expect(await value(`typeof ${name}`)).toBe('undefined');
  });

  it('the function constructor leads to nowhere else', async () => {
    expect(await value(`(function () {}).constructor('return typeof process + typeof require')()`)).toBe('undefinedundefined');
    expect((await runtime.run('shop_b', rev, `eval import('node:fs')`)).failure).toMatchObject({ code: 'GUEST_ERROR' });
    expect(await value(`Object.getOwnPropertyNames(globalThis).filter((name) => /ivm|isolate|host|^reference$/i.test(name)).join()`)).toBe('');
  });

  it.each(['Date.now()', 'new Date()', 'Date()', 'Math.random()', 'new Date(0).constructor.now()', 'Reflect.construct(Date, [])'])('%s tells no time and no chance', async (script) => {
    expect(await value(script)).toContain('not available in a bot');
  });

  it('dates that are given can be computed with, in UTC', async () => {
    expect(await value('new Date(0).toISOString()')).toBe('1970-01-01T00:00:00.000Z');
    expect(await value('String(new Date(2026, 0, 2).getTime() === Date.UTC(2026, 0, 2))')).toBe('true');
    expect(await value('String(new Date(0) instanceof Date && Date.parse("1970-01-01T00:00:01Z"))')).toBe('1000');
  });
});

describe('a sandbox host process', () => {
  it('[P9] has an environment with nothing but the zone, and the permission model on', () => {
    for (const pid of hostPids()) {
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toBe('TZ=UTC\0');
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('--permission');
    }
  });

  it('has no open files or sockets of its parent', () => {
    const [pid = 0] = hostPids();
    const targets = execFileSync('ls', ['-l', `/proc/${pid}/fd`], { encoding: 'utf8' });
    expect(targets).not.toMatch(/-> \/(?!dev|proc)/);
  });
});
