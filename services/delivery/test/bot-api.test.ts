import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { generateAuthority, generateServerCertificate } from '@botplane/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exchange } from '../src/adapters/out/http-exchange.ts';
import { UndiciBotApi } from '../src/adapters/out/undici-bot-api.ts';
import { guardedAgent } from '../src/adapters/out/write-guard.ts';
import type { BotApiRequest, CallPermit } from '../src/app/ports.ts';

const PIECE = Buffer.alloc(4_096, 'x');

const FREE: CallPermit = { mayStart: () => true, mayGoOn: () => true };
const HELD_BACK = { kind: 'unreachable', message: 'HELD_BACK' };

const api = new UndiciBotApi();
/** Requests that came as a whole. */
const seen: string[] = [];
/** Bytes that came. */
let bytes = 0;
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    seen.push(request.url ?? '');
    response.setHeader('content-type', 'application/json').end('{"ok":true,"result":{"message_id":5}}');
  });
}).on('connection', (socket) => {
  socket.on('data', (piece) => (bytes += piece.length));
});
const target = (): { token: string; apiRoot: string } => ({ token: '1:t', apiRoot: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });

/** A permit that ends with the look of that number at what leaves. */
function endsAtLook(last: number): CallPermit & { looks: number } {
  const permit = { looks: 0, mayStart: () => true, mayGoOn: () => (permit.looks += 1) < last };
  return permit;
}

const sendMessage = (text: string): BotApiRequest => ({ method: 'sendMessage', params: { chat_id: 1, text }, uploads: [], lane: 'reply' });

/** A photo that is read in pieces, with a turn of the event loop before each. */
const sendPhoto = (pieces: number): BotApiRequest => ({
  method: 'sendPhoto', params: { chat_id: 1 }, lane: 'reply',
  uploads: [{
    name: 'photo', file: { key: 'p.png', fileName: 'p.png', mimeType: 'image/png', bytes: pieces * PIECE.length, sha256: '' },
    async *open() {
      for (let n = 0; n < pieces; n += 1) {
        await turn();
        yield PIECE;
      }
    },
  }],
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  await api.onApplicationShutdown();
  server.close();
});

it('sends a call that may start, over a connection that is kept', async () => {
  for (let n = 0; n < 3; n += 1) {
    expect(await api.call(target(), { method: 'sendMessage', params: { text: 'x' }, uploads: [], lane: 'reply' }, FREE)).toEqual({ kind: 'answer', status: 200, body: { ok: true, result: { message_id: 5 } } });
  }
  expect(seen).toEqual(['/bot1:t/sendMessage', '/bot1:t/sendMessage', '/bot1:t/sendMessage']);
});

it('[P9] holds a call back that may not start any more when its connection is there', async () => {
  seen.length = 0;
  expect(await api.call(target(), { method: 'sendMessage', params: { text: 'late' }, uploads: [], lane: 'reply' }, { ...FREE, mayStart: () => false })).toEqual(HELD_BACK);
  expect(await api.call(target(), { method: 'getMe', params: {}, uploads: [], lane: 'reply' }, FREE)).toMatchObject({ kind: 'answer', status: 200 });
  expect(seen).toEqual(['/bot1:t/getMe']);
});

it('[P9] writes nothing of a call whose permit ended after its request was started', async () => {
  for (const warm of [0, 1]) {
    [seen.length, bytes] = [0, 0];
    const permit = endsAtLook(1);
    expect(await api.call(target(), sendMessage(`late ${warm}`), permit)).toEqual(HELD_BACK);
    // Another call over another connection: what the first one had written would be here before it.
    expect(await api.call(target(), sendMessage('next'), FREE)).toMatchObject({ kind: 'answer', status: 200 });
    expect({ seen, looks: permit.looks }).toEqual({ seen: ['/bot1:t/sendMessage'], looks: 1 });
    const both = bytes;
    bytes = 0;
    await api.call(target(), sendMessage('next'), FREE);
    expect(both).toBe(bytes);
  }
});

it('[P9] asks once for a call, so that all of it leaves or nothing', async () => {
  const permit = endsAtLook(2);
  expect(await api.call(target(), sendMessage('ж'.repeat(4_096)), permit)).toMatchObject({ kind: 'answer', status: 200 });
  expect(permit.looks).toBe(1);
});

it('[P9] ends an upload whose permit ends on the way: Telegram never has the whole of it', async () => {
  seen.length = 0;
  const permit = endsAtLook(3);
  expect(await api.call(target(), sendPhoto(8), permit)).toEqual(HELD_BACK);
  expect(permit.looks).toBe(3);
  expect(await api.call(target(), sendPhoto(8), FREE)).toMatchObject({ kind: 'answer', status: 200 });
  expect(seen).toEqual(['/bot1:t/sendPhoto']);
});

it('[P9] holds back only the call that has no permit, whatever else is under way', async () => {
  seen.length = 0;
  const calls = Array.from({ length: 60 }, (_none, n) => ({ request: n % 3 === 0 ? sendPhoto(3) : sendMessage(`${n}`), isLate: n % 2 === 0 }));
  const answers = await Promise.all(calls.map(({ request, isLate }) => api.call(target(), request, isLate ? endsAtLook(1) : FREE)));
  expect(answers.map(({ kind }) => kind)).toEqual(calls.map(({ isLate }) => (isLate ? 'unreachable' : 'answer')));
  expect(seen).toHaveLength(30);
});

it('[P9] asks before each write to a server that would speak HTTP/2, too', async () => {
  const authority = await generateAuthority('test');
  const versions: string[] = [];
  const secure = createSecureServer({ ...(await generateServerCertificate('server', authority, [], ['127.0.0.1'])), allowHTTP1: true }, (request, response) => {
    versions.push(request.httpVersion);
    response.end('{}');
  });
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  const agent = guardedAgent({ connect: { ca: authority.cert } });
  try {
    const origin = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
    const call = (permit: CallPermit): Promise<unknown> => exchange(agent, { origin, path: '/', method: 'POST', body: 'x' }, { ...permit, msMax: 60_000 });
    expect(await call(FREE)).toEqual({ status: 200, text: '{}' });
    await expect(call(endsAtLook(1))).rejects.toThrow('held back');
    expect(versions).toEqual(['1.1']);
  } finally {
    await agent.destroy();
    secure.close();
  }
});

it('says that nothing was sent where no connection can be made', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  expect(await api.call({ token: '1:t', apiRoot: `http://127.0.0.1:${port}` }, sendMessage('hi'), FREE)).toEqual({ kind: 'unreachable', message: 'ECONNREFUSED' });
});

it('keeps the path of a Bot API server behind a proxy', async () => {
  seen.length = 0;
  const { token, apiRoot } = target();
  for (const root of [`${apiRoot}/telegram`, `${apiRoot}/telegram/`]) await api.call({ token, apiRoot: root }, { method: 'getMe', params: {}, uploads: [], lane: 'reply' }, FREE);
  expect(seen).toEqual(['/telegram/bot1:t/getMe', '/telegram/bot1:t/getMe']);
});
