import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { Server as HttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ApiCallRequest, ApiCallResult } from '@botplane/contracts';
import { DeniedAddressError, guardedLookup } from '../src/adapters/out/guarded-lookup.ts';
import { HttpEgress } from '../src/adapters/out/http-egress.ts';
import { DnsServer } from './egress-dns.ts';
import { LITERAL_HOSTS, MISLEADING_URLS, NAMED_URLS, ODD_ADDRESSES, PRIVATE_A, PRIVATE_AAAA } from './egress-payloads.ts';

/** Public by its number; no test connects to it. */
const NOWHERE = '3ffe:ffff::1';
const DENIED: ApiCallResult = { ok: false, code: 'denied' };

let listener: Server;
let connections = 0;
let port = 0;
let dns: DnsServer;
let friend: HttpServer;
let location = '';
let egress: HttpEgress;

beforeAll(async () => {
  // Every address of this machine leads here.
  listener = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  listener.listen(0, '::');
  await once(listener, 'listening').catch(() => once(listener.listen(0, '0.0.0.0'), 'listening'));
  port = (listener.address() as AddressInfo).port;
  dns = new DnsServer();
  await dns.start();
  friend = createHttpServer((_request, response) => void response.writeHead(307, { location }).end());
  await once(friend.listen(0, '127.0.0.1'), 'listening');
  egress = new HttpEgress([{ host: 'friend.example', to: `http://127.0.0.1:${(friend.address() as AddressInfo).port}` }], guardedLookup(dns.lookup()));
});
afterAll(async () => {
  await egress.close();
  dns.stop();
  listener.close();
  friend.closeAllConnections();
  friend.close();
});
/** What the whole corpus is about. */
afterEach(() => expect(connections).toBe(0));

/** An allow-list that names the host in each of its forms: the list must not be what saves us. */
function listFor(url: string): string[] {
  const raw = /\/\/([^/]*)\//.exec(url)?.[1] ?? '';
  const hosts = [raw, raw.replace(/:\d+$/, ''), ...(URL.canParse(url) ? [new URL(url).host, new URL(url).hostname] : [])];
  return ['friend.example', 'api.example', `api.example:${port}`, ...hosts, ...hosts.map((host) => `${host}:${port}`)];
}

const get = (url: string, retries = 0, allowDomains = listFor(url), client = egress): Promise<ApiCallResult> => {
  const call: ApiCallRequest = { stepPath: 'flows.a.steps[0]', visit: 1, method: 'GET', url, headers: {}, timeoutMs: 2_000, retries, backoffMs: 1 };
  return client.perform(call, { allowDomains, responseBytesMax: 1_024, idempotencyKey: 'key', secrets: {} });
};

const LITERAL_URLS = LITERAL_HOSTS.map((host) => `https://${host}:PORT/`);
const withPort = (url: string): string => url.replaceAll('PORT', String(port));
const nameOf = (index: number): string => `name${index}.example`;

describe('the listener and the DNS server', () => {
  it('are reached by a client without a guard, so the corpus can fail', async () => {
    dns.zone.set('control.example', [['127.0.0.1']]);
    const resolve = dns.lookup();
    const careless = new HttpEgress([], (host, options, callback) => resolve(host, { all: true }, (error, addresses) => (options.all === true ? callback(error, addresses) : callback(error, addresses[0]?.address ?? '', 4))));
    expect(await get(`https://control.example:${port}/`, 0, undefined, careless)).toEqual({ ok: false, code: 'network' });
    expect(connections).toBeGreaterThan(0);
    connections = 0;
    await careless.close();
  });

  it('are part of a corpus of at least 150 payloads', () => {
    expect(new Set([...LITERAL_URLS, ...MISLEADING_URLS, ...NAMED_URLS, ...PRIVATE_A, ...PRIVATE_AAAA, ...ODD_ADDRESSES]).size).toBeGreaterThanOrEqual(150);
  });
});

describe('an address in a URL', () => {
  it.each([...LITERAL_URLS, ...MISLEADING_URLS])('[P9] is not connected to: %j', async (url) => {
    expect(await get(withPort(url))).toEqual(DENIED);
  });
});

describe('a name in a URL', () => {
  it.each(NAMED_URLS)('[P9] is looked up, whatever stands beside it: %j', async (url) => {
    expect(await get(withPort(url))).toEqual({ ok: false, code: 'network' });
  });
});

describe('a redirect', () => {
  it.each([...LITERAL_URLS, ...MISLEADING_URLS.filter((url) => url.includes('127.0.0.1'))])('[P9] is not followed: %j', async (url) => {
    location = encodeURI(withPort(url).replace(/[\r\n\t]/g, '')).replaceAll('%25', '%').replace(/%5B/gi, '[').replace(/%5D/gi, ']');
    const allowed = [...listFor(withPort(url)), ...listFor(location)];
    expect(await get('https://friend.example/', 0, allowed)).toEqual(DENIED);
  });

  it('[P9] to an allowed name that leads inside is not followed', async () => {
    dns.zone.set('moved.example', [['127.0.0.1']]);
    location = `https://moved.example:${port}/`;
    expect(await get('https://friend.example/')).toEqual(DENIED);
  });
});

describe('an allowed name', () => {
  it.each([...PRIVATE_A, ...PRIVATE_AAAA].map((address, index) => [address, index] as const))('[P9] that leads to %s is not connected to', async (address, index) => {
    dns.zone.set(nameOf(index), [[address]]);
    expect(await get(`https://${nameOf(index)}:${port}/`)).toEqual(DENIED);
  });

  it.each([
    [['127.0.0.1', NOWHERE]], [[NOWHERE, '127.0.0.1']], [[NOWHERE, '::1']], [['::1', NOWHERE]], [[NOWHERE, '10.0.0.1']], [['10.0.0.1', NOWHERE, '169.254.169.254']],
  ])('[P9] with public and private addresses is not connected to: %j', async (addresses) => {
    const name = `mixed${addresses.join('').replace(/\W/g, '')}.example`;
    dns.zone.set(name, [addresses]);
    expect(await get(`https://${name}:${port}/`)).toEqual(DENIED);
  });

  it.each(ODD_ADDRESSES)('[P9] for which the resolver says %j is not connected to', async (address) => {
    const odd = new HttpEgress([], guardedLookup((_host, _options, callback) => callback(null, [{ address, family: address.includes(':') ? 6 : 4 }])));
    expect(await get(`https://odd.example:${port}/`, 0, undefined, odd)).toEqual(DENIED);
    await odd.close();
  });

  it.each([
    ['the second question', [[NOWHERE], ['127.0.0.1']]],
    ['the third question', [[NOWHERE], [NOWHERE], ['127.0.0.1']]],
    ['the second question, as IPv6', [[NOWHERE], ['::1']]],
    ['the second question, as metadata', [[NOWHERE], ['169.254.169.254', '127.0.0.1']]],
    ['the second question, mixed', [[NOWHERE], [NOWHERE, '127.0.0.1']]],
  ] as const)('[P9] that answers otherwise at %s gains nothing', async (what, answers) => {
    const name = `rebind${what.replace(/\W/g, '').toLowerCase()}.example`;
    dns.zone.set(name, answers);
    // Each connection asks once, and connects to what was checked; here nothing is dialled as long as the answer is public.
    const lookup = guardedLookup(dns.lookup());
    const ask = () => new Promise((resolve) => lookup(name, { all: true }, (error, addresses) => resolve(error ?? addresses)));
    for (let n = 0; n < answers.length - 1; n += 1) expect(await ask()).toEqual([{ address: NOWHERE, family: 6 }]);
    expect(await ask()).toBeInstanceOf(DeniedAddressError);
    expect(await get(`https://${name}:${port}/`, 3)).toEqual(DENIED);
  });
});
