import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiCallRequest } from '@botplane/contracts';
import { guardedLookup } from '../src/adapters/out/guarded-lookup.ts';
import { HttpEgress } from '../src/adapters/out/http-egress.ts';
import { LIMITS } from '../src/limits.ts';

let server: Server;
let port = 0;
let egress: HttpEgress;
let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

const json = (response: ServerResponse, body: unknown, status = 200, headers: { [name: string]: string } = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
const call = (more: Partial<ApiCallRequest> = {}): ApiCallRequest => ({ stepPath: 'flows.a.steps[0]', visit: 1, method: 'GET', url: 'https://api.example/quote?size=small', headers: {}, timeoutMs: 1_000, retries: 0, backoffMs: 10, ...more });
const context = { allowDomains: ['api.example', 'other.example', 'unmapped.example'], responseBytesMax: 1_024, idempotencyKey: 'key-1', secrets: { TOKEN: 's3cret' } };

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  const to = `http://127.0.0.1:${port}`;
  egress = new HttpEgress([{ host: 'api.example', to }, { host: 'other.example', to }]);
});
beforeEach(() => {
  seen = [];
  answer = (_request, response) => json(response, { total: 3 });
});
afterAll(async () => {
  await egress.close();
  server.closeAllConnections();
  server.close();
});

describe('an apiCall', () => {
  it('reaches the mapped host under its own name, with key and secrets', async () => {
    const result = await egress.perform(call({ method: 'POST', headers: { Authorization: 'Bearer {{secret.TOKEN}}' }, body: '{"a":1}' }), context);
    expect(result).toMatchObject({ ok: true, status: 200, body: { total: 3 } });
    expect(seen).toMatchObject([{ method: 'POST', url: '/quote?size=small', body: '{"a":1}', headers: { host: 'api.example', authorization: 'Bearer s3cret', 'idempotency-key': 'key-1', 'content-type': 'application/json' } }]);
  });

  it('tries again after 5xx, 429 and a broken connection, with the same key, and not after 4xx', async () => {
    let n = 0;
    answer = (request, response) => (++n === 1 ? json(response, {}, 503) : n === 2 ? json(response, {}, 429) : n === 3 ? void request.socket.destroy() : json(response, { n }));
    expect(await egress.perform(call({ retries: 3 }), context)).toMatchObject({ ok: true, body: { n: 4 } });
    expect(new Set(seen.map(({ headers }) => headers['idempotency-key']))).toEqual(new Set(['key-1']));
    answer = (_request, response) => json(response, {}, 404);
    seen = [];
    expect(await egress.perform(call({ retries: 3 }), context)).toEqual({ ok: false, code: 'status', status: 404 });
    expect(seen).toHaveLength(1);
  });

  it.each<[string, (response: ServerResponse) => void, object]>([
    ['an endless body', (response) => { response.writeHead(200); const timer = setInterval(() => response.write('x'.repeat(600)), 5); response.on('close', () => clearInterval(timer)); }, { code: 'too_large' }],
    ['a body that is no JSON', (response) => void response.end('<html>'), { code: 'not_json', status: 200 }],
    ['silence', () => undefined, { code: 'timeout' }],
    ['a body that never ends', (response) => { response.writeHead(200); response.write('{'); }, { code: 'timeout' }],
    ['an error', (response) => json(response, {}, 500), { code: 'status', status: 500 }],
  ])('gives a bounded answer to %s', async (_name, behave, expected) => {
    answer = (_request, response) => behave(response);
    expect(await egress.perform(call({ timeoutMs: 300 }), context)).toMatchObject({ ok: false, ...expected });
  });

  it('waits for no other calls of the same host, however many of one bot hang', async () => {
    answer = (request, response) => (request.url === '/hangs' ? undefined : json(response, { total: 3 }));
    const hanging = Array.from({ length: LIMITS.runningPerBotMax }, () => egress.perform(call({ url: 'https://api.example/hangs', timeoutMs: 3_000 }), context));
    await expect.poll(() => seen.length).toBe(LIMITS.runningPerBotMax);
    expect(await egress.perform(call(), context)).toMatchObject({ ok: true });
    server.closeAllConnections();
    expect(await Promise.all(hanging)).toEqual(hanging.map(() => ({ ok: false, code: 'network' })));
  });

  it('takes an empty body for null', async () => {
    answer = (_request, response) => void response.writeHead(204).end();
    expect(await egress.perform(call(), context)).toMatchObject({ ok: true, status: 204, body: null });
  });

  it('follows a redirect within the allow-list, but leaves secrets behind on another host', async () => {
    answer = (request, response) => (request.headers.host === 'api.example' ? void response.writeHead(307, { location: 'https://other.example/moved' }).end() : json(response, { moved: true }));
    expect(await egress.perform(call({ method: 'POST', headers: { 'X-Key': '{{secret.TOKEN}}', 'X-Plain': 'p' }, body: '{}' }), context)).toMatchObject({ ok: true, body: { moved: true } });
    expect(seen[1]).toMatchObject({ method: 'POST', url: '/moved', body: '{}', headers: { 'x-plain': 'p' } });
    expect(seen[1]?.headers['x-key']).toBeUndefined();
  });

  it.each(['http://api.example/', 'https://169.254.169.254/', 'https://127.0.0.1/', 'https://evil.example/', 'https://[::1]/', 'http://localhost:1/', '//evil.example/'])('denies a redirect to %s', async (location) => {
    answer = (_request, response) => void response.writeHead(302, { location }).end();
    expect(await egress.perform(call(), context)).toEqual({ ok: false, code: 'denied' });
    expect(seen).toHaveLength(1);
  });

  it('denies a redirect loop', async () => {
    answer = (_request, response) => void response.writeHead(302, { location: '/again' }).end();
    expect(await egress.perform(call(), context)).toEqual({ ok: false, code: 'denied' });
    expect(seen).toHaveLength(4);
  });

  it('denies an unknown secret, a host outside the list and a header that frames the request', async () => {
    expect(await egress.perform(call({ headers: { a: '{{secret.NOPE}}' } }), context)).toMatchObject({ code: 'denied' });
    expect(await egress.perform(call({ url: 'https://elsewhere.example/' }), context)).toMatchObject({ code: 'denied' });
    expect(await egress.perform(call({ headers: { Host: 'evil.example' } }), context)).toMatchObject({ code: 'denied' });
    expect(seen).toEqual([]);
  });

  it.each([
    [['127.0.0.1']], [['10.0.0.7']], [['169.254.169.254']], [['::1']], [['::ffff:127.0.0.1']], [['fd00::1']], [['64:ff9b::7f00:1']],
    [['93.184.216.34', '127.0.0.1']],
  ])('denies an allowed name that leads to %j', async (addresses) => {
    const guarded = new HttpEgress([], guardedLookup((_host, _options, callback) => callback(null, addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })))));
    expect(await guarded.perform(call({ url: 'https://unmapped.example/' }), context)).toEqual({ ok: false, code: 'denied' });
    await guarded.close();
  });

  it('says network when a name does not resolve', async () => {
    const guarded = new HttpEgress([], guardedLookup((_host, _options, callback) => callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), [])));
    expect(await guarded.perform(call({ url: 'https://unmapped.example/' }), context)).toEqual({ ok: false, code: 'network' });
    await guarded.close();
  });
});
