import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { STREAMS } from '@botplane/contracts';
import type { GuestInput, GuestOutput } from '@botplane/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ExecutorProcess, bundleExecutor } from './support/executor-process.ts';
import { counting, handled, said, say } from './support/guests.ts';
import { World } from './support/world.ts';

let world: World;
let api: Server;
let apiCalls: { path: string; brokenOff: boolean }[] = [];
let env: { [name: string]: string };
const processes: ExecutorProcess[] = [];
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Counts texts in a flow with `onNewMessage: supersede`; ignores what begins with a dot. */
function latestOnly(input: GuestInput): GuestOutput {
  if (said(input).text.startsWith('.')) return handled(input, { outcome: { kind: 'ignored', code: 'not_addressed' } });
  return { ...counting(input), supersedable: true, messages: { retentionMs: 60_000, piiPolicy: 'mask', inputIsPersonal: false, personal: [] } };
}

/** The same, with the answer of an API that takes its time. */
function asking(input: GuestInput): GuestOutput {
  if (input.event.kind !== 'update') return handled(input);
  const { chat, text } = said(input);
  if (input.resume !== undefined) return handled(input, { state: { ...input.state, n: Number(input.state['n'] ?? 0) + 1 }, effects: [say(chat, `api:${text}`)], supersedable: true });
  const call = { stepPath: 's', visit: 1, method: 'POST' as const, url: `https://api.example/${text}`, headers: {}, timeoutMs: 5_000, retries: 0, backoffMs: 10 };
  return handled(input, { request: { call, continuation: null }, supersedable: true });
}

beforeAll(async () => {
  await bundleExecutor();
  api = createServer((request, response) => {
    const call = { path: request.url ?? '', brokenOff: false };
    apiCalls.push(call);
    response.on('close', () => (call.brokenOff = !response.writableFinished));
    setTimeout(() => response.end('{}'), call.path.startsWith('/slow') ? 4_000 : 0);
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  env = { BOTPLANE_EGRESS_ROUTES: JSON.stringify([{ host: 'api.example', to: `http://127.0.0.1:${(api.address() as AddressInfo).port}` }]) };
});
beforeEach(async () => {
  apiCalls = [];
  world = await World.start(latestOnly);
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((executor) => executor.end()));
  await world.stop();
});
afterAll(() => {
  api.closeAllConnections();
  api.close();
});

function launch(): ExecutorProcess {
  const executor = new ExecutorProcess(world.env(env));
  executor.start();
  processes.push(executor);
  return executor;
}

const superseded = async (): Promise<unknown[]> => (await world.published(STREAMS.events)).map(({ body }) => body);
const keptTexts = async (): Promise<unknown[]> => (await world.published(STREAMS.messages)).map(({ body }) => (body as { content: unknown }).content);
const seen = async (): Promise<number[] | undefined> => (await world.record('c1_u1'))?.updateIds;

describe('onNewMessage: supersede', () => {
  it('[K2] works on the latest message alone: the others are settled, counted and kept, and never dead letters', async () => {
    const ids: number[] = [];
    for (let n = 1; n <= 6; n++) ids.push(await world.send(world.text(1, `m${n}`)));
    await world.send(world.text(1, '.ignored')); // Takes nobody's place.
    await world.send(world.text(2, 'other chat'));
    await world.startExecutor();
    await expect.poll(() => world.textsTo(1)).toEqual(['1:m6']);
    await expect.poll(() => world.textsTo(2)).toEqual(['1:other chat']);
    await expect.poll(async () => (await seen())?.length).toBe(7);
    expect(await superseded()).toMatchObject(ids.slice(0, 5).map((updateId) => ({ botId: 'default_test', updateId, supersededBy: ids[5] })));
    expect(new Set(await keptTexts())).toEqual(new Set(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'other chat']));
    expect(await world.deadLetters()).toEqual([]);

    // A superseded message that Telegram sends again much later stays superseded.
    await world.send(world.text(1, 'm1'), { updateId: ids[0] ?? 0, msgId: 'after the window' });
    await world.send(world.text(1, 'm7'));
    await expect.poll(() => world.textsTo(1)).toEqual(['1:m6', '2:m7']);
  });

  it('[K2] keeps the place of presses: what came before one is not skipped for what came after it', async () => {
    world.runtime.guest = (input) => (said(input).text.startsWith('press') ? counting(input) : latestOnly(input));
    for (const update of [world.text(1, 'a'), world.text(1, 'b'), world.press(1, 'p'), world.text(1, 'c'), world.text(1, 'd')]) await world.send(update);
    await world.startExecutor();
    await expect.poll(() => world.textsTo(1)).toEqual(['1:b', '2:press p', '3:d']);
  });

  it('[K2] breaks off an API call when a newer message comes, and drops its result', async () => {
    world.runtime.guest = asking;
    await world.startExecutor(env);
    await world.send(world.text(1, 'slow'));
    await expect.poll(() => apiCalls.length).toBe(1);
    const startedMs = performance.now();
    await world.send(world.text(1, 'quick'));
    await expect.poll(() => world.textsTo(1)).toEqual(['api:quick']);
    expect(performance.now() - startedMs).toBeLessThan(3_500); // Less than the slow answer takes.
    await expect.poll(() => apiCalls).toEqual([{ path: '/slow', brokenOff: true }, { path: '/quick', brokenOff: false }]);
    await expect.poll(async () => (await world.record('c1_u1'))?.state['n']).toBe(1);
    expect(await superseded()).toHaveLength(1);
  });

  it('[K2] survives kill -9 in between: the latest message is worked on once, the others never', async () => {
    world.runtime.guest = asking;
    const first = launch();
    await world.send(world.text(1, 'slow0'));
    await expect.poll(() => apiCalls.length).toBe(1);
    // The kill hits it while it gives way to one after the other.
    for (let n = 1; n <= 20; n++) await world.send(world.text(1, `slow${n}`));
    await expect.poll(async () => (await seen())?.length ?? 0, { timeout: 30_000, interval: 5 }).toBeGreaterThan(0);
    await first.end();
    await world.send(world.text(1, 'last'));
    launch();
    await expect.poll(() => world.textsTo(1)).toEqual(['api:last']);
    await pause(300);
    expect((await world.record('c1_u1'))?.state['n']).toBe(1);
    expect(await seen()).toHaveLength(22);
    expect((await superseded()).length).toBe(21);
    expect(await world.textsTo(1)).toEqual(['api:last']);
    expect(await world.deadLetters()).toEqual([]);
  });
});
