import { BUCKETS } from '@botplane/contracts';
import type { Envelope } from '@botplane/contracts';
import { startNats, whileDown } from '@botplane/testing';
import type { TestNats } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NatsLink, TokenMirror, TypedBucket, ensureTopology, openNats } from '../src/index.ts';
import type { Nats } from '../src/index.ts';

let server: TestNats;
let nats: Nats;

beforeAll(async () => {
  server = await startNats();
  nats = await openNats({ url: server.url, name: 'test' });
  await ensureTopology(nats.jsm);
});
afterAll(async () => {
  await nats?.connection.close();
  await server?.stop();
});

/** Stands for encryption, which is not this library's. */
const sealed = (token: string): Envelope => ({ v: 1, keyId: 'k', iv: '', tag: '', data: JSON.stringify({ token, apiRoot: 'http://telegram' }) });

describe('TokenMirror', () => {
  it('opens a token once per change and forgets one that is gone', async () => {
    const opened: string[] = [];
    const bucket = new TypedBucket<Envelope>(nats.jsm, BUCKETS.credentials);
    await bucket.put('default_shop.token', sealed('1:a'));
    await bucket.put('default_shop.secrets.r1', sealed('no token'));
    const tokens = new TokenMirror(nats, {
      open: (name, { data }) => {
        opened.push(name);
        return data;
      },
      onError: () => undefined,
    });
    await expect.poll(() => tokens.isSynced()).toBe(true);
    expect([tokens.find('default_shop')?.token, tokens.find('default_shop')?.token, tokens.find('default_other')]).toEqual(['1:a', '1:a', undefined]);
    await bucket.put('default_shop.token', sealed('1:b'));
    await expect.poll(() => tokens.find('default_shop')?.token).toBe('1:b');
    expect(opened).toEqual(['default_shop.token', 'default_shop.token']);
    await bucket.delete('default_shop.token');
    await expect.poll(() => tokens.find('default_shop')).toBeUndefined();
    await tokens.close();
  });
});

describe('NatsLink', () => {
  it('tells when the connection breaks and stands again, and closes it after what hangs on it', async () => {
    const own = await openNats({ url: server.url, name: 'own' });
    const seen: (boolean | string)[] = [];
    const link = new NatsLink(own, {
      mirrors: [{ close: async () => void seen.push(own.connection.isClosed() ? 'too late' : 'mirror closed') }],
      onChange: (isConnected) => seen.push(isConnected),
    });
    await whileDown(server, async () => {
      await expect.poll(() => link.isConnected).toBe(false);
    });
    await expect.poll(() => link.isConnected).toBe(true);
    await link.onApplicationShutdown();
    expect(seen).toEqual([false, true, 'mirror closed']);
    expect(own.connection.isClosed()).toBe(true);
  });
});
