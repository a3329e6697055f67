import { BUCKETS } from '@botplane/contracts';
import type { RouteRecord } from '@botplane/contracts';
import { TypedBucket } from '@botplane/nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../src/adapters/in/operations.ts';
import { BOT, bury, deadUpdate, startApi } from './setup.ts';
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

describe('what changes something', () => {
  /** Each once, in this order; a path may name what an earlier answer was about. */
  const CALLS: readonly { id: string; path: (made: Record<string, string>) => string; body?: (made: Record<string, string>) => object; action: string }[] = [
    { id: 'createKey', path: () => '/admin/keys', body: () => ({ name: 'short', scopes: ['dlq:write'] }), action: 'keys.create' },
    { id: 'rotateKey', path: ({ createKey }) => `/admin/keys/${createKey}/rotate`, action: 'keys.rotate' },
    { id: 'revokeKey', path: ({ rotateKey }) => `/admin/keys/${rotateKey}`, action: 'keys.revoke' },
    { id: 'replayDeadLetters', path: () => '/admin/dlq/in/replay', body: ({ first }) => ({ ids: [first] }), action: 'dlq.replay' },
    { id: 'deleteDeadLetter', path: ({ second }) => `/admin/dlq/in/${second}`, action: 'dlq.delete' },
    { id: 'purgeDeadLetters', path: () => '/admin/dlq/in', action: 'dlq.purge' },
    { id: 'eraseChatMessages', path: () => `/bots/${BOT}/chats/7/messages`, action: 'messages.erase' },
    { id: 'eraseUserMessages', path: () => `/bots/${BOT}/users/7/messages`, action: 'messages.erase' },
    { id: 'createCampaign', path: () => '/campaigns', body: () => ({ botId: BOT, name: 'News', method: 'sendMessage', params: { text: 'hi' }, audience: { chats: [1, 2] } }), action: 'campaigns.create' },
    { id: 'pauseCampaign', path: ({ createCampaign }) => `/campaigns/${BOT}/${createCampaign}/pause`, action: 'campaigns.pause' },
    { id: 'resumeCampaign', path: ({ createCampaign }) => `/campaigns/${BOT}/${createCampaign}/resume`, action: 'campaigns.resume' },
    { id: 'deleteCampaign', path: ({ createCampaign }) => `/campaigns/${BOT}/${createCampaign}`, action: 'campaigns.cancel' },
  ];

  it('[W2] is written down by every operation that there is, with who and what', async () => {
    const changing = OPERATIONS.filter(({ method }) => method !== 'get');
    expect(CALLS.map(({ id }) => id).toSorted(), 'a new operation is called here, too').toEqual(changing.map(({ id }) => id).toSorted());

    const route: RouteRecord = { v: 1, botId: BOT, uid: 'u', routeSeq: 1, state: 'Serving', split: [], revisions: {}, stateKey: 'chat', webhookSecretSha256: '', telegram: { id: 1, username: 'b' } };
    await new TypedBucket<RouteRecord>(api.nats.jsm, BUCKETS.routes).put(BOT, route);
    const [first = '', second = ''] = await bury(api.nats, 'in', [deadUpdate(1), deadUpdate(2)]);
    const made: Record<string, string> = { first, second };
    const scopes = [...new Set(changing.map(({ scope }) => scope))];
    const caller = (await api.call('POST', '/admin/keys', { body: { name: 'caller', scopes } })).body as { id: string; key: string };
    await api.db.auditEntry.deleteMany();
    for (const { id, path, body, action } of CALLS) {
      const operation = changing.find((one) => one.id === id) ?? expect.fail(id);
      const answer = await api.call(operation.method.toUpperCase(), path(made), { key: caller.key, ...(body ? { body: body(made) } : {}) });
      expect({ id, status: answer.status, error: answer.body.error }).toEqual({ id, status: operation.status, error: undefined });
      made[id] = answer.body.id;
      const rows = await api.db.auditEntry.findMany({ orderBy: { id: 'desc' } });
      expect(rows[0], id).toMatchObject({ actor: caller.id, action });
      expect(rows[0]?.target.length, id).toBeGreaterThan(0);
      await api.db.auditEntry.deleteMany();
    }
  });
});
