import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BUCKETS } from '@botplane/contracts';
import type { ApiCallResult, GuestInput, GuestOutput } from '@botplane/contracts';
import { makeInstallKey, sealEnvelope } from '@botplane/kit';
import type { RunningService } from '@botplane/kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handled, said, say } from './support/guests.ts';
import { BOT, World } from './support/world.ts';

let world: World;
let api: Server;
let requests: { method: string; key: string; auth: string }[] = [];
let chat = 500;
/** What the API answers waits for this. */
let held: Promise<void> = Promise.resolve();
let executor: RunningService;
let env: { [name: string]: string };

/** Asks the API and tells the person what it said. */
function asking(method: 'GET' | 'POST') {
  return (input: GuestInput): GuestOutput => {
    if (input.resume === undefined) {
      const call = { stepPath: 'flows.a.steps[0]', visit: 1, method, url: 'https://api.example/x', headers: { Authorization: '{{secret.TOKEN}}' }, timeoutMs: 2_000, retries: 1, backoffMs: 10 };
      return handled(input, { request: { call, continuation: { step: 1 } } });
    }
    const result: ApiCallResult = input.resume.result;
    return handled(input, { state: { n: 1 }, effects: [say(said(input).chat, result.ok ? JSON.stringify(result.body) : result.code)] });
  };
}

beforeAll(async () => {
  api = createServer((request, response) => {
    requests.push({ method: request.method ?? '', key: String(request.headers['idempotency-key']), auth: String(request.headers.authorization) });
    void held.then(() => response.end(JSON.stringify({ total: requests.length })));
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  world = await World.start(asking('GET'));
  const to = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  env = { BOTPLANE_EGRESS_ROUTES: JSON.stringify([{ host: 'api.example', to }]), BOTPLANE_UPDATES_RUNNING_MAX: '1' };
  executor = await world.startExecutor(env);
});
beforeEach(() => {
  requests = [];
  chat++;
});
afterAll(async () => {
  await world.stop();
  api.closeAllConnections();
  api.close();
});

describe('an apiCall', () => {
  it('[P1] is performed outside the guest, which goes on with its result and never sees a secret', async () => {
    const key = `${BOT}.secrets.test-aaaa`;
    await world.bucket(BUCKETS.credentials).put(key, sealEnvelope(makeInstallKey(world.secretsKey), key, JSON.stringify({ TOKEN: 's3cret' })));
    world.runtime.guest = asking('GET');
    await world.send(world.text(chat, 'quote'));
    await expect.poll(() => world.textsTo(chat)).toEqual(['{"total":1}']);
    expect(requests).toMatchObject([{ method: 'GET', auth: 's3cret' }]);
    expect(JSON.stringify(world.runtime.runs)).not.toContain('s3cret');
  });

  it('[P1] that writes is not made again when the update is run again', async () => {
    let failures = 0;
    const ask = asking('POST');
    world.runtime.guest = (input) => (input.resume !== undefined && failures++ === 0 ? { failure: 'HOST_LOST' } : ask(input));
    await world.send(world.text(chat, 'pay'));
    await expect.poll(() => world.textsTo(chat)).toEqual(['{"total":1}']);
    expect(failures).toBe(2);
    expect(requests).toHaveLength(1);
    expect(await world.bucket<ApiCallResult>(BUCKETS.calls).get(requests[0]?.key ?? '')).toMatchObject({ value: { ok: true, body: { total: 1 } } });
  });

  it('[P1] outside the allow-list is denied', async () => {
    world.runtime.guest = (input) => {
      const output = asking('GET')(input);
      if (output.request !== undefined) output.request.call.url = 'https://169.254.169.254/latest/meta-data/';
      return output;
    };
    await world.send(world.text(chat, 'metadata'));
    await expect.poll(() => world.textsTo(chat)).toEqual(['denied']);
    expect(requests).toEqual([]);
  });

  it('[P1] holds no place while the API takes its time, so that others are answered', async () => {
    const release = Promise.withResolvers<void>();
    held = release.promise;
    const [waiting, other] = [chat, chat + 1_000];
    world.runtime.guest = (input) => {
      const { text } = said(input);
      if (text === 'hello') return handled(input, { effects: [say(other, 'hi')] });
      const output = asking('GET')(input);
      // Attempts enough for a slow machine: only the last one of them has to meet an API that answers.
      if (output.request !== undefined) Object.assign(output.request.call, { timeoutMs: 5_000, retries: 3 });
      return output;
    };
    await world.send(world.text(waiting, 'quote'));
    await expect.poll(() => requests.length).toBeGreaterThan(0);
    await world.send(world.text(other, 'hello'));
    await expect.poll(() => world.textsTo(other)).toEqual(['hi']);
    expect(await world.textsTo(waiting)).toEqual([]);
    release.resolve();
    await expect.poll(async () => (await world.textsTo(waiting)).length).toBe(1);
    expect(await world.textsTo(waiting)).toEqual([expect.stringContaining('total')]);
  });

  it('[P9] holds up no partition that goes to another executor: it makes the call again, with the same key, and the person is answered once', async () => {
    const release = Promise.withResolvers<void>();
    held = release.promise;
    world.runtime.guest = (input) => {
      const output = asking('POST')(input);
      if (output.request !== undefined) Object.assign(output.request.call, { timeoutMs: 5_000, retries: 0 });
      return output;
    };
    await world.send(world.text(chat, 'pay'));
    await expect.poll(() => requests.length).toBe(1);
    const next = await world.startExecutor(env);
    const closing = executor.close();
    await expect.poll(() => requests.length, { timeout: 20_000 }).toBe(2);
    release.resolve();
    await expect.poll(() => world.textsTo(chat)).toHaveLength(1);
    await closing;
    executor = next;
    expect(new Set(requests.map(({ key }) => key)).size).toBe(1);
    expect(await world.textsTo(chat)).toHaveLength(1);
  }, 60_000);
});
