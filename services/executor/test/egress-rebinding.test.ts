import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiCallResult } from '@botplane/contracts';
import { guardedLookup } from '../src/adapters/out/guarded-lookup.ts';
import { HttpEgress } from '../src/adapters/out/http-egress.ts';
import { isPublicUnicast } from '../src/domain/egress-rules.ts';
import { DnsServer } from './egress-dns.ts';

/** Takes the part of a public address, which no test may connect to; all other addresses are judged as ever. */
const PUBLIC = '127.0.0.2';
const PRIVATE = ['127.0.0.1', '::1'] as const;
const NETWORK: ApiCallResult = { ok: false, code: 'network' };
const DENIED: ApiCallResult = { ok: false, code: 'denied' };
const RETRIES = 3;

const dns = new DnsServer();
/** How often each address was connected to; all listen on one port. */
const connections = { public: 0, private: 0 };
const servers: Server[] = [];
let port = 0;
let names = 0;
let guard: ReturnType<typeof guardedLookup>;
let egress: HttpEgress;

beforeAll(async () => {
  await dns.start();
  guard = guardedLookup(dns.lookup(), (address) => address === PUBLIC || isPublicUnicast(address));
  await listen(PUBLIC, 'public');
  for (const address of PRIVATE) await listen(address, 'private');
});
afterAll(() => {
  dns.stop();
  for (const server of servers) server.close();
});
beforeEach(() => {
  connections.public = connections.private = 0;
  egress = new HttpEgress([], guard);
});
afterEach(() => egress.close());

/** Whoever comes is counted and sent away, so that a client with retries left connects anew. */
async function listen(address: string, kind: keyof typeof connections): Promise<void> {
  const server = createServer((socket) => {
    connections[kind] += 1;
    socket.destroy();
  });
  await once(server.listen(port, address), 'listening');
  servers.push(server);
  port = (server.address() as AddressInfo).port;
}

/** Calls a new name with these answers, one after the other. */
function get(answers: readonly (readonly string[])[], client = egress, retries = RETRIES): () => Promise<ApiCallResult> {
  const name = `rebind${(names += 1)}.example`;
  dns.zone.set(name, answers);
  return () => client.perform(
    { stepPath: 'flows.a.steps[0]', visit: 1, method: 'GET', url: `https://${name}:${port}/`, headers: {}, timeoutMs: 5_000, retries, backoffMs: 1 },
    { allowDomains: [`${name}:${port}`], responseBytesMax: 1_024, idempotencyKey: 'key', secrets: {} },
  );
}

describe('a name that changes its address', () => {
  it('gets a client inside that checks an address and then looks the name up once more, so the rest can fail', async () => {
    const again = dns.lookup();
    const careless = new HttpEgress([], (host, options, callback) => guard(host, options, (error) => (error === null ? again(host, { all: true }, callback) : callback(error, []))));
    try {
      expect(await get([[PUBLIC], [PRIVATE[0]]], careless, 0)()).toEqual(NETWORK);
      expect(connections).toEqual({ public: 0, private: 1 });
    } finally {
      await careless.close();
    }
  });

  it.each<[string, string[][], number]>([
    ['loopback next', [[PUBLIC], ['127.0.0.1']], 1],
    ['loopback next, as IPv6', [[PUBLIC], ['::1']], 1],
    ['loopback next, in another form', [[PUBLIC], ['::ffff:127.0.0.1']], 1],
    ['loopback after two visits', [[PUBLIC], [PUBLIC], ['127.0.0.1']], 2],
    ['both next', [[PUBLIC], [PUBLIC, '127.0.0.1']], 1],
    ['both at once', [[PUBLIC, '127.0.0.1']], 0],
    ['both at once, loopback first', [['127.0.0.1', PUBLIC]], 0],
    ['both at once, of two families', [[PUBLIC, '::1']], 0],
    ['both at once, of two families, loopback first', [['::1', PUBLIC]], 0],
  ])('[P9] is connected to only where it was checked: %s', async (_what, answers, visits) => {
    expect(await get(answers)()).toEqual(DENIED);
    expect(connections).toEqual({ public: visits, private: 0 });
  });

  it('[P9] is connected to only where it was checked, by many calls at the same time', async () => {
    const call = get(Array.from({ length: 40 }, (_none, n) => [n % 2 === 0 ? PUBLIC : '127.0.0.1']), egress, 0);
    const results = await Promise.all(Array.from({ length: 20 }, call));
    expect(connections).toEqual({ public: results.filter(({ ok, ...result }) => !ok && 'code' in result && result.code === 'network').length, private: 0 });
    expect(connections.public).toBeGreaterThan(0);
  });
});
