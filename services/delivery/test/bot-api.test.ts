import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UndiciBotApi } from '../src/adapters/out/undici-bot-api.ts';

const api = new UndiciBotApi();
const seen: string[] = [];
const server = createServer((request, response) => {
  seen.push(request.url ?? '');
  response.setHeader('content-type', 'application/json').end('{"ok":true,"result":{"message_id":5}}');
});
const target = (): { token: string; apiRoot: string } => ({ token: '1:t', apiRoot: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  await api.onApplicationShutdown();
  server.close();
});

it('sends a call that may start, over a connection that is kept', async () => {
  for (let n = 0; n < 3; n += 1) {
    expect(await api.call(target(), { method: 'sendMessage', params: { text: 'x' }, uploads: [], lane: 'reply' }, () => true)).toEqual({ kind: 'answer', status: 200, body: { ok: true, result: { message_id: 5 } } });
  }
  expect(seen).toEqual(['/bot1:t/sendMessage', '/bot1:t/sendMessage', '/bot1:t/sendMessage']);
});

it('[P9] holds a call back that may not start any more when its connection is there', async () => {
  seen.length = 0;
  expect(await api.call(target(), { method: 'sendMessage', params: { text: 'late' }, uploads: [], lane: 'reply' }, () => false)).toEqual({ kind: 'unreachable', message: 'NOT_STARTED' });
  expect(await api.call(target(), { method: 'getMe', params: {}, uploads: [], lane: 'reply' }, () => true)).toMatchObject({ kind: 'answer', status: 200 });
  expect(seen).toEqual(['/bot1:t/getMe']);
});

it('keeps the path of a Bot API server behind a proxy', async () => {
  seen.length = 0;
  const { token, apiRoot } = target();
  for (const root of [`${apiRoot}/telegram`, `${apiRoot}/telegram/`]) await api.call({ token, apiRoot: root }, { method: 'getMe', params: {}, uploads: [], lane: 'reply' }, () => true);
  expect(seen).toEqual(['/telegram/bot1:t/getMe', '/telegram/bot1:t/getMe']);
});
