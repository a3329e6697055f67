import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi } from './setup.ts';
import type { TestApi } from './setup.ts';

let api: TestApi;
let key: { id: string; key: string };
const targets = async (query: string): Promise<string[]> => (await api.call('GET', `/admin/audit${query}`)).body.items.map((item: { target: string }) => item.target);

beforeAll(async () => {
  api = await startApi();
  key = (await api.call('POST', '/admin/keys', { body: { name: 'cleaner', scopes: ['dlq:write'] } })).body;
  for (const queue of ['in', 'out', 'jobs']) await api.call('DELETE', `/admin/dlq/${queue}`, { key: key.key });
});
afterAll(() => api?.stop());

describe('GET /admin/audit', () => {
  it('[W2] tells who did what, newest first, page by page', async () => {
    const { status, body } = await api.call('GET', '/admin/audit?limit=3');
    expect(status).toBe(200);
    expect(body.items).toMatchObject([{ actor: key.id, action: 'dlq.purge', target: 'dlq/jobs', details: { bot: null } }, { target: 'dlq/out' }, { target: 'dlq/in' }]);
    const last = await api.call('GET', `/admin/audit?limit=3&cursor=${body.next}`);
    expect(last.body).toMatchObject({ items: [{ actor: 'install', action: 'keys.create', target: `keys/${key.id}` }], next: null });
  });

  it('[W2] filters by actor, action, beginning of the target, and time', async () => {
    expect(await targets('?actor=install')).toEqual([`keys/${key.id}`]);
    expect(await targets('?action=dlq.purge&target=dlq/o')).toEqual(['dlq/out']);
    expect(await targets('?target=dlq')).toHaveLength(3);
    expect(await targets(`?since=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
    expect(await targets(`?until=${new Date(Date.now() + 60_000).toISOString()}`)).toHaveLength(4);
  });

  it('needs its scope, and understands what it is asked', async () => {
    expect((await api.call('GET', '/admin/audit', { key: key.key })).status).toBe(403);
    expect(await api.call('GET', '/admin/audit?who=me')).toMatchObject({ status: 400, body: { error: { field: 'query.who' } } });
    expect(await api.call('GET', '/admin/audit?cursor=x')).toMatchObject({ status: 400, body: { error: { field: 'query.cursor' } } });
  });
});
