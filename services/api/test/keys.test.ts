import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashKey, makeKeyText } from '../src/domain/api-key.ts';
import { startApi } from './setup.ts';
import type { TestApi } from './setup.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.stop());

async function makeKey(scopes: string[], changes: object = {}): Promise<{ id: string; key: string }> {
  const { status, body } = await api.call('POST', '/admin/keys', { body: { name: 'test', scopes, ...changes } });
  expect(status).toBe(201);
  return body;
}

const list = (key: string | null) => api.call('GET', '/admin/dlq/in', { key });

describe('API keys', () => {
  it('[W2] are shown once and stored as a hash only', async () => {
    const { id, key } = await makeKey(['dlq:read']);
    expect(key).toMatch(new RegExp(`^bp_${id}_[A-Za-z0-9_-]{43}$`));
    expect(await api.db.apiKey.findUnique({ where: { id } })).toMatchObject({ name: 'test', hash: hashKey(key), scopes: ['dlq:read'] });
    const { body } = await api.call('GET', '/admin/keys');
    expect(body.items.find((item: { id: string }) => item.id === id)).toMatchObject({ name: 'test', state: 'active', scopes: ['dlq:read'], revokedAt: null });
    expect(JSON.stringify(body)).not.toContain(key.slice(-20));
    expect(JSON.stringify(body)).not.toContain(hashKey(key));
  });

  it('[W2] open the routes of their scopes only', async () => {
    const { key } = await makeKey(['dlq:read']);
    expect((await list(key)).status).toBe(200);
    const refused = await api.call('DELETE', '/admin/dlq/in', { key });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'request.forbidden' } } });
    expect(refused.body.error.message).toContain('dlq:write');
    expect((await api.call('GET', '/admin/keys', { key })).status).toBe(403);
  });

  it.each([
    ['none', null],
    ['nonsense', 'hello'],
    ['an unknown one', makeKeyText().text],
  ])('[W2] are required: %s is refused', async (_what, key) => {
    const { status, body, headers } = await list(key);
    expect(status).toBe(401);
    expect(body.error.code).toBe('request.unauthenticated');
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it('[W2] are refused with a wrong secret, and another key cannot be built from their id', async () => {
    const { id, key } = await makeKey(['dlq:read']);
    const wrong = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
    expect((await list(wrong)).status).toBe(401);
    expect((await list(`bp_${id}_${makeKeyText().text.slice(20)}`)).status).toBe(401);
  });

  it('[W2] end when they are revoked', async () => {
    const { id, key } = await makeKey(['dlq:read']);
    const first = await api.call('DELETE', `/admin/keys/${id}`);
    expect(first.status).toBe(200);
    expect((await api.call('DELETE', `/admin/keys/${id}`)).body).toEqual(first.body);
    const { status, body } = await list(key);
    expect({ status, message: body.error.message }).toEqual({ status: 401, message: 'the API key is revoked; ask for a new one' });
  });

  it('[W2] end when they expire', async () => {
    const { id, key } = await makeKey(['dlq:read'], { expiresAt: new Date(Date.now() + 60_000).toISOString() });
    expect((await list(key)).status).toBe(200);
    await api.db.apiKey.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1) } });
    expect((await list(key)).body.error.message).toContain('expired');
  });

  it('[W2] are rotated at once or with a grace time', async () => {
    const old = await makeKey(['dlq:read']);
    const { status, body: next } = await api.call('POST', `/admin/keys/${old.id}/rotate`);
    expect({ status, name: next.name, scopes: next.scopes }).toEqual({ status: 201, name: 'test', scopes: ['dlq:read'] });
    expect([(await list(old.key)).status, (await list(next.key)).status]).toEqual([401, 200]);
    expect((await api.call('POST', `/admin/keys/${old.id}/rotate`)).status).toBe(409);

    const { body: third } = await api.call('POST', `/admin/keys/${next.id}/rotate`, { body: { graceSeconds: 3_600 } });
    expect([(await list(next.key)).status, (await list(third.key)).status]).toEqual([200, 200]);
    const ends = (await api.db.apiKey.findUnique({ where: { id: next.id } }))?.expiresAt?.getTime() ?? 0;
    expect(ends - Date.now()).toBeGreaterThan(3_500_000);
  });

  it('[W2] cannot hand out more than they have', async () => {
    const { key } = await makeKey(['keys:admin']);
    const refused = await api.call('POST', '/admin/keys', { key, body: { name: 'more', scopes: ['dlq:write'] } });
    expect(refused.status).toBe(403);
    const strong = await makeKey(['dlq:write']);
    expect((await api.call('POST', `/admin/keys/${strong.id}/rotate`, { key })).status).toBe(403);
    expect((await api.call('POST', '/admin/keys', { key, body: { name: 'same', scopes: ['keys:admin'] } })).status).toBe(201);
  });

  it('[W2] tell when they were used last', async () => {
    const { id, key } = await makeKey(['dlq:read']);
    await list(key);
    expect((await api.db.apiKey.findUnique({ where: { id } }))?.lastUsedAt?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('[W2] are listed page by page', async () => {
    const { body: first } = await api.call('GET', '/admin/keys?limit=3');
    expect(first.items).toHaveLength(3);
    const { body: second } = await api.call('GET', `/admin/keys?limit=3&cursor=${first.next}`);
    const ids = [...first.items, ...second.items].map((item: { id: string }) => item.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('[W2] leave a trace of every change', async () => {
    await api.db.auditEntry.deleteMany();
    const { id } = await makeKey(['dlq:read']);
    const { body: next } = await api.call('POST', `/admin/keys/${id}/rotate`);
    await api.call('DELETE', `/admin/keys/${next.id}`);
    const rows = await api.db.auditEntry.findMany({ orderBy: { id: 'asc' } });
    expect(rows.map(({ action, target }) => [action, target])).toEqual([['keys.create', `keys/${id}`], ['keys.rotate', `keys/${id}`], ['keys.revoke', `keys/${next.id}`]]);
  });

  it.each([
    [{ name: '', scopes: ['dlq:read'] }, 'body.name'],
    [{ name: 'x', scopes: [] }, 'body.scopes'],
    [{ name: 'x', scopes: ['root'] }, 'body.scopes.0'],
    [{ name: 'x', scopes: ['dlq:read'], expiresAt: '2020-01-01T00:00:00Z' }, 'body.expiresAt'],
  ])('refuses %j and names the field', async (body, field) => {
    expect(await api.call('POST', '/admin/keys', { body })).toMatchObject({ status: 400, body: { error: { code: 'request.invalid', field } } });
  });
});
