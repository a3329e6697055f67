import { ArtefactStore, openEnvelope, readInstallKey } from '@botplane/kit';
import { sha256Hex } from '@botplane/domain';
import { BOT_REVISIONS, CONFIG_MAPS, NAMESPACES, SECRETS } from '@botplane/k8s';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleCases } from './bundle-cases.ts';
import { BOT, REVISION, botIs, conditionOf, echoSpec, editBot, eventually, isServing, makeBot, serveBot, startWorld } from './support/world.ts';
import type { TelegramCall, World } from './support/world.ts';

let world: World;
let store: ArtefactStore;
beforeAll(async () => {
  world = await startWorld();
  const { endpoint, accessKey, secretKey, bucket } = world.s3;
  store = new ArtefactStore({ S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket, S3_REGION: 'us-east-1' });
  await world.operator.start();
}, 120_000);
afterAll(async () => {
  store?.close();
  await world?.stop();
});

/** Runs `work` with an operator of other settings. Afterwards that of all tests works again, also when `work` failed. */
async function withOperator(settings: Record<string, string>, work: () => Promise<void>): Promise<void> {
  await world.operator.stop();
  try {
    await world.operator.start(settings);
    await work();
  } finally {
    await world.operator.stop();
    await world.operator.start();
  }
}

describe('from apply to live', () => {
  it('[C1] becomes Ready with webhook, commands, route and envelope; the Secret may come last', async () => {
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    await world.client.create(BOT, makeBot(namespace, 'echo', echoSpec('one')));
    const read = () => world.client.get(BOT, { namespace, name: 'echo' });
    await eventually(read, botIs(['Ready', 'False/TokenSecretMissing'], ['Reconciling', 'True/TokenSecretMissing'], ['Stalled', 'False/Settled'], ['Available', 'False/NoRevision']));
    await world.secret(namespace, 'echo', token);
    const bot = await eventually(read, isServing);

    expect(conditionOf(bot, 'Available')).toBe('True/Serving');
    expect(await world.routeOf(`${namespace}_echo`)).toMatchObject({ state: 'Serving', routeSeq: 1, uid: bot.metadata.uid, stateKey: 'chat_user', split: [{ revision: bot.status?.stableRevision, weight: 100 }] });
    const [webhook] = await world.calls(token, 'setWebhook');
    expect(webhook?.params).toMatchObject({ url: `http://127.0.0.1:1/hooks/wh/${namespace}_echo`, allowed_updates: ['message', 'callback_query', 'pre_checkout_query', 'shipping_query', 'inline_query'], secret_token: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await world.calls(token, 'setMyCommands')).toHaveLength(1);
    const envelope = (await world.stores.credentials.get(`${namespace}_echo.token`))?.value;
    const opened = openEnvelope(readInstallKey(join(world.folder, 'token.key')), `${namespace}_echo.token`, envelope!);
    expect(JSON.parse(opened)).toEqual({ token, apiRoot: world.telegram.url });
  });

  it('[P9] updates: Polling removes the webhook and tells pollers what to ask for; and back again', async () => {
    const { namespace, name, token, botId, read } = await serveBot(world);
    const webhookUrl = async () => (await world.calls(token, 'setWebhook')).length - (await world.calls(token, 'deleteWebhook')).length;
    expect(await webhookUrl()).toBe(1);
    await editBot(world, { namespace, name }, { updates: 'Polling' });
    const polled = await eventually(read, botIs(['Ready', 'True/Serving'], ['WebhookRegistered', 'False/PollingInstead'], ['Available', 'True/Serving'], ['Reconciling', 'False/Settled']));
    expect(polled.status?.webhook?.url).toBeUndefined();
    expect(await world.routeOf(botId)).toMatchObject({ routeSeq: 2, updates: 'Polling', allowedUpdates: ['message', 'callback_query', 'pre_checkout_query', 'shipping_query', 'inline_query'] });
    expect(await webhookUrl()).toBe(0);

    await editBot(world, { namespace, name }, { updates: 'Webhook' });
    await eventually(read, botIs(['Ready', 'True/Serving'], ['WebhookRegistered', 'True/Registered'], ['Available', 'True/Serving']));
    expect(await world.routeOf(botId)).not.toHaveProperty('updates');
    expect(await webhookUrl()).toBe(1);
  });

  it('[P7] an edit makes a new revision that takes over; the old one ends its conversations; Telegram is not bothered', async () => {
    const { namespace, name, token, bot, botId, read } = await serveBot(world);
    const callsBefore = (await world.calls(token)).length;
    const startedMs = performance.now();
    await editBot(world, { namespace, name }, { botSpec: echoSpec('two') });
    const edited = await eventually(read, isServing);
    const tookMs = performance.now() - startedMs;

    const [before, after] = [bot.status?.stableRevision ?? '', edited.status?.stableRevision ?? ''];
    expect(after).not.toBe(before);
    expect(await world.routeOf(botId)).toMatchObject({ routeSeq: 2, split: [{ revision: after, weight: 100 }], revisions: { [before]: {}, [after]: {} } });
    expect(await world.calls(token)).toHaveLength(callsBefore);
    expect(tookMs).toBeLessThan(10_000);
    const old = await eventually(() => world.client.get(REVISION, { namespace, name: before }), (revision) => conditionOf(revision, 'Active') === 'True/Routed');
    expect(conditionOf(old, 'Ready')).toBe('True/Ready');
  });

  it('[P7] revisionName brings the old revision back at once, and new ones wait until it is removed', async () => {
    const { namespace, name, bot, botId, read } = await serveBot(world);
    const first = bot.status?.stableRevision ?? '';
    await editBot(world, { namespace, name }, { botSpec: echoSpec('two') });
    const second = (await eventually(read, isServing)).status?.stableRevision ?? '';
    await editBot(world, { namespace, name }, { revisionName: first });
    const pinned = await eventually(read, botIs(['Ready', 'True/Serving'], ['Pinned', 'True/NewerRevisionWaits']));

    expect(pinned.status).toMatchObject({ stableRevision: first, superseded: [], latestCreatedRevision: second });
    expect(await world.routeOf(botId)).toMatchObject({ split: [{ revision: first }], revisions: { [first]: {} } });
    await editBot(world, { namespace, name }, { revisionName: null });
    expect((await eventually(read, botIs(['Ready', 'True/Serving'], ['Pinned', 'False/NotPinned']))).status?.stableRevision).toBe(second);
  });

  it('[P7] keeps the old revision when the new one does not compile, and says where the error is', async () => {
    const { namespace, name, bot, botId, read } = await serveBot(world);
    const before = await world.routeOf(botId);
    await editBot(world, { namespace, name }, { botSpec: { ...echoSpec('two'), fallback: { flow: 'helo' } } });
    const broken = await eventually(read, botIs(['Ready', 'False/CompileFailed'], ['Stalled', 'True/CompileFailed'], ['Available', 'True/Serving']));

    const message = broken.status?.conditions?.find((condition) => condition.type === 'Ready')?.message;
    expect(message).toContain('fallback.flow');
    expect(message).toContain('hello');
    expect(broken.status?.stableRevision).toBe(bot.status?.stableRevision);
    expect(await world.routeOf(botId)).toEqual(before);

    await editBot(world, { namespace, name }, { botSpec: echoSpec('three') });
    await eventually(read, isServing);
  });

  it('suspend removes the webhook and keeps the rest; resuming sets it again', async () => {
    const { namespace, name, token, botId, read } = await serveBot(world);
    await editBot(world, { namespace, name }, { suspend: true });
    await eventually(read, botIs(['Ready', 'True/Suspended'], ['Available', 'False/Suspended'], ['WebhookRegistered', 'False/Suspended']));
    expect(await world.routeOf(botId)).toMatchObject({ state: 'Suspended' });
    expect((await world.calls(token, 'deleteWebhook')).at(-1)?.params['drop_pending_updates']).toBeUndefined();

    await editBot(world, { namespace, name }, { suspend: false });
    await eventually(read, isServing);
    expect(await world.routeOf(botId)).toMatchObject({ state: 'Serving' });
    expect(await world.calls(token, 'setWebhook')).toHaveLength(2);
  });

  it('is looked at again while suspended: our webhook that came back goes, a lost route is put again, a revoked token is told', async () => {
    await withOperator({ BOTPLANE_WEBHOOK_CHECK_S: '1' }, async () => {
      const { namespace, name, token, botId, read } = await serveBot(world);
      await editBot(world, { namespace, name }, { suspend: true });
      await eventually(read, botIs(['Ready', 'True/Suspended']));
      const [{ params }] = (await world.calls(token, 'setWebhook')) as [TelegramCall];
      await fetch(`${world.telegram.url}/bot${token}/setWebhook`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(params) });
      await eventually(() => world.calls(token, 'deleteWebhook'), (calls) => calls.length === 2);

      const route = await world.routeOf(botId);
      await world.stores.routes.delete(botId);
      expect(await eventually(() => world.routeOf(botId), () => true)).toEqual(route);

      await world.fault({ token, kind: '401', count: 10_000 });
      await eventually(read, botIs(['Ready', 'False/TokenRejected'], ['Stalled', 'True/TokenRejected'], ['Available', 'False/Suspended']));
      await world.secret(namespace, name, await world.newToken());
      await eventually(read, botIs(['Ready', 'True/Suspended'], ['Stalled', 'False/Settled']));
    });
  });

  it('[P6] takes over another limit for the same botSpec: it is another revision with artefacts of its own', async () => {
    const { namespace, name, bot, botId, read } = await serveBot(world);
    await editBot(world, { namespace, name }, { botSpec: null, template: { spec: { source: { botSpec: echoSpec('one') }, limits: { cpuMs: 50 } } } });
    const edited = await eventually(read, isServing);
    expect(edited.status?.stableRevision).not.toBe(bot.status?.stableRevision);
    const { revisions } = (await world.routeOf(botId))!;
    expect(new Set(Object.values(revisions).map(({ revHash }) => revHash)).size).toBe(2);
  });

  it('refuses another stateKey, since it would lose the state of every chat', async () => {
    const { namespace, name, bot, read } = await serveBot(world);
    await editBot(world, { namespace, name }, { botSpec: echoSpec('two', { stateKey: 'user' }) });
    const refused = await eventually(read, botIs(['Ready', 'False/StateKeyChanged'], ['Stalled', 'True/StateKeyChanged'], ['Available', 'True/Serving']));
    expect(refused.status?.stableRevision).toBe(bot.status?.stableRevision);
  });

  it('waits for a BotRuntime that does not exist, by name', async () => {
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    await world.secret(namespace, 'echo', token);
    await world.client.create(BOT, makeBot(namespace, 'echo', echoSpec('one'), { runtimeRef: { name: 'nowhere' } }));
    await eventually(() => world.client.get(BOT, { namespace, name: 'echo' }), botIs(['Ready', 'False/RuntimeNotFound'], ['Stalled', 'False/Settled']));
  });
});

describe('revisions', () => {
  it('[C6] a name that is taken by other content is refused', async () => {
    const { namespace, name, read, bot } = await serveBot(world);
    const revision = await world.client.get(REVISION, { namespace, name: bot.status?.stableRevision ?? '' });
    const next = echoSpec('clash');
    // The name that the edit will have, made by hand with other content.
    await editBot(world, { namespace, name }, { botSpec: next });
    const clashing = (await eventually(read, isServing)).status?.stableRevision ?? '';
    await editBot(world, { namespace, name }, { botSpec: echoSpec('one') });
    await eventually(read, (now) => isServing(now) && now.status?.stableRevision === bot.status?.stableRevision);
    await world.client.patch(REVISION, { namespace, name: clashing }, { type: 'merge', body: { metadata: { finalizers: null } } });
    await world.client.delete(BOT_REVISIONS, { namespace, name: clashing });
    await eventually(async () => ({ gone: await world.client.get(REVISION, { namespace, name: clashing }) }), ({ gone }) => gone === undefined);
    await world.client.create(REVISION, { metadata: { name: clashing, namespace }, spec: { ...revision!.spec } });
    await editBot(world, { namespace, name }, { botSpec: next });
    await eventually(read, botIs(['Ready', 'False/RevisionNameTaken'], ['Stalled', 'True/RevisionNameTaken'], ['Available', 'True/Serving']));
  });

  it('serves one that a person applied only when it is pinned, and never collects it', async () => {
    const { namespace, name, bot, read } = await serveBot(world, { extra: { revisionHistoryLimit: 0 } });
    await world.client.create(REVISION, { metadata: { name: 'mine', namespace }, spec: { botRef: { name }, source: { botSpec: echoSpec('mine') } } });
    await eventually(() => world.client.get(REVISION, { namespace, name: 'mine' }), (revision) => conditionOf(revision, 'Ready') === 'True/Ready');
    expect((await read())?.status?.stableRevision).toBe(bot.status?.stableRevision);

    await editBot(world, { namespace, name }, { revisionName: 'mine' });
    expect((await eventually(read, isServing)).status?.stableRevision).toBe('mine');
    await editBot(world, { namespace, name }, { revisionName: null });
    await eventually(read, (now) => isServing(now) && now.status?.stableRevision === bot.status?.stableRevision);
    expect(await world.client.get(REVISION, { namespace, name: 'mine' })).toBeDefined();
  });

  it('keeps no more of them than revisionHistoryLimit, besides those that serve', async () => {
    const { namespace, name, read } = await serveBot(world, { extra: { revisionHistoryLimit: 1 } });
    for (const text of ['two', 'three', 'four']) {
      // A pin ends the conversations of the others, so they serve nothing any more.
      await editBot(world, { namespace, name }, { botSpec: echoSpec(text) });
      const now = await eventually(read, isServing);
      await editBot(world, { namespace, name }, { revisionName: now.status?.stableRevision });
      await eventually(read, botIs(['Ready', 'True/Serving'], ['Pinned', 'True/PinnedRevision']));
      await editBot(world, { namespace, name }, { revisionName: null });
      await eventually(read, botIs(['Ready', 'True/Serving'], ['Pinned', 'False/NotPinned']));
    }
    const { items } = await eventually(() => world.client.list(REVISION, { namespace }), ({ items: kept }) => kept.length === 2);
    // What the others published went with them.
    const folders = new Set<string>();
    for await (const { key } of store.list(`bots/${namespace}_${name}/`)) folders.add(key.split('/')[2] ?? '');
    expect(folders).toEqual(new Set(items.map(({ status }) => status?.artifact?.revHash)));
  });

  it('serves a template again whose artefacts were removed with its last revision', async () => {
    const { namespace, name, bot, read } = await serveBot(world, { extra: { revisionHistoryLimit: 0, rollout: { rollbackWindow: '0s' }, sunset: { scaledownDelay: '0s' } } as never });
    const first = bot.status?.stableRevision ?? '';
    await editBot(world, { namespace, name }, { botSpec: echoSpec('two') });
    await eventually(async () => ({ gone: await world.client.get(REVISION, { namespace, name: first }) }), ({ gone }) => gone === undefined);
    await editBot(world, { namespace, name }, { botSpec: echoSpec('one') });
    expect((await eventually(read, (now) => isServing(now) && now.status?.stableRevision === first)).status?.stableRevision).toBe(first);
    const files: string[] = [];
    for await (const { key } of store.list(`bots/${namespace}_${name}/`)) files.push(key.split('/')[3] ?? '');
    expect(files).toEqual(expect.arrayContaining(['bot.js', 'rev.json', 'spec.json']));
  });

  it('does not let go of a revision that serves', async () => {
    const { namespace, name, bot, read } = await serveBot(world);
    const serving = bot.status?.stableRevision ?? '';
    await world.client.delete(BOT_REVISIONS, { namespace, name: serving });
    await sleep(500);
    expect(await world.client.get(REVISION, { namespace, name: serving })).toBeDefined();
    await editBot(world, { namespace, name }, { botSpec: echoSpec('two') });
    await eventually(read, isServing);
    await eventually(async () => ({ gone: await world.client.get(REVISION, { namespace, name: serving }) }), ({ gone }) => gone === undefined);
  });

  it('hands secretRefs values to executors in an envelope, again when the Secret changes', async () => {
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    await world.secret(namespace, 'echo', token);
    await world.client.create(BOT, {
      metadata: { name: 'echo', namespace },
      spec: { platform: 'Telegram', tokenSecretRef: { name: 'echo' }, template: { spec: { source: { botSpec: echoSpec('one') }, secretRefs: [{ name: 'SHOP_KEY', secretName: 'shop', key: 'token' }] } } },
    });
    const read = () => world.client.get(BOT, { namespace, name: 'echo' });
    await eventually(read, botIs(['Ready', 'False/SecretMissing']));
    await world.secret(namespace, 'shop', 's3cret');
    const bot = await eventually(read, isServing);

    const key = `${namespace}_echo.secrets.${bot.status?.stableRevision}`;
    const opened = async () => JSON.parse(openEnvelope(readInstallKey(join(world.folder, 'secrets.key')), key, (await world.stores.credentials.get(key))!.value)) as { SHOP_KEY: string };
    expect(await opened()).toEqual({ SHOP_KEY: 's3cret' });
    await world.secret(namespace, 'shop', 'rotated');
    await eventually(opened, (values) => values.SHOP_KEY === 'rotated');
  });
});

describe('tokens', () => {
  it('[C6] names a token that Telegram rejects, and goes on when it is mended', async () => {
    const namespace = await world.namespace();
    await world.secret(namespace, 'echo', `123456789:${'A'.repeat(35)}`);
    await world.client.create(BOT, makeBot(namespace, 'echo', echoSpec('one')));
    const read = () => world.client.get(BOT, { namespace, name: 'echo' });
    await eventually(read, botIs(['Ready', 'False/TokenRejected'], ['Stalled', 'True/TokenRejected']));
    await world.secret(namespace, 'echo', 'not a token');
    await eventually(read, botIs(['Ready', 'False/TokenMalformed']));
    await world.secret(namespace, 'echo', await world.newToken());
    await eventually(read, isServing);
  });

  it('[C6] lets one token serve one Bot; the next one gets it when the first is gone', async () => {
    const first = await serveBot(world);
    const namespace = await world.namespace();
    await world.secret(namespace, 'echo', first.token);
    await world.client.create(BOT, makeBot(namespace, 'echo', echoSpec('two')));
    const read = () => world.client.get(BOT, { namespace, name: 'echo' });
    const refused = await eventually(read, botIs(['Ready', 'False/TokenInUse'], ['Stalled', 'True/TokenInUse']));
    expect(refused.status?.conditions?.find((condition) => condition.type === 'Ready')?.message).toContain(`Bot echo in namespace ${first.namespace}`);
    await world.client.delete(BOT, { namespace: first.namespace, name: first.name });
    await eventually(read, isServing);
  });

  it('leaves the old account when the token of another one is given', async () => {
    const { namespace, name, token, read, bot } = await serveBot(world);
    const other = await world.newToken();
    await world.secret(namespace, name, other);
    await eventually(read, (now) => isServing(now) && now.status?.telegram?.id !== bot.status?.telegram?.id);
    await eventually(() => world.calls(other, 'setWebhook'), (calls) => calls.length === 1);
    expect(await world.calls(token, 'deleteWebhook')).toHaveLength(1);
    expect(await world.stores.tokens.get(String(bot.status?.telegram?.id))).toBeUndefined();
  });
});

describe('[C6] a webhook of another program', () => {
  const elsewhere = 'https://other.example/hook/s3cret';
  const setElsewhere = (token: string, url: string) => fetch(`${world.telegram.url}/bot${token}/setWebhook`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ url }) });

  it('is left alone and named, and gives way to the annotation', async () => {
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    await setElsewhere(token, elsewhere);
    await world.secret(namespace, 'echo', token);
    await world.client.create(BOT, makeBot(namespace, 'echo', echoSpec('one')));
    const read = () => world.client.get(BOT, { namespace, name: 'echo' });
    const bot = await eventually(read, botIs(['Ready', 'False/WebhookConflict'], ['Stalled', 'True/WebhookConflict'], ['Available', 'False/WebhookConflict']));
    expect(JSON.stringify(bot.status)).toContain('https://other.example;');
    expect(JSON.stringify(bot.status)).not.toContain('s3cret');
    expect(await world.calls(token, 'setWebhook')).toHaveLength(1);

    await world.client.patch(BOT, { namespace, name: 'echo' }, { type: 'merge', body: { metadata: { annotations: { 'botplane.dev/replace-webhook': 'true' } } } });
    await eventually(read, isServing);
    expect(await world.calls(token, 'setWebhook')).toHaveLength(2);
  });

  it('is noticed when it comes later, and ours is set again when it goes', async () => {
    const { token, read } = await serveBot(world);
    await withOperator({ BOTPLANE_WEBHOOK_CHECK_S: '1' }, async () => {
      await setElsewhere(token, elsewhere);
      await eventually(read, botIs(['WebhookRegistered', 'False/WebhookConflict']));
      await world.operator.stop();
      await setElsewhere(token, '');
    });
    await eventually(read, isServing);
    expect((await world.calls(token, 'setWebhook')).at(-1)?.params['url']).toContain('/hooks/wh/');
  });
});

describe('deletion', () => {
  const gone = (read: () => Promise<unknown>) => eventually(async () => ({ found: await read() }), ({ found }) => found === undefined);

  it('[C1] removes webhook, commands, credentials and claim, and leaves a tombstone', async () => {
    const { namespace, name, token, botId, read, bot } = await serveBot(world);
    await world.client.delete(BOT, { namespace, name });
    await gone(read);
    expect(await world.calls(token, 'deleteWebhook')).toHaveLength(1);
    expect(await world.calls(token, 'deleteMyCommands')).toHaveLength(1);
    expect(await world.routeOf(botId)).toMatchObject({ state: 'Deleted', routeSeq: 2, split: [], revisions: {} });
    expect(await world.stores.credentials.get(`${botId}.token`)).toBeUndefined();
    expect(await world.stores.tokens.get(String(bot.status?.telegram?.id))).toBeUndefined();
    await eventually(() => world.client.list(REVISION, { namespace }), ({ items }) => items.length === 0);
  });

  it('[C1] works when the Secret, or the whole namespace, went first', async () => {
    const one = await serveBot(world);
    await world.client.delete(SECRETS, { namespace: one.namespace, name: one.name });
    await eventually(one.read, botIs(['Ready', 'False/TokenSecretMissing'], ['Available', 'True/Serving']));
    await world.client.delete(BOT, { namespace: one.namespace, name: one.name });
    await gone(one.read);
    expect(await world.calls(one.token, 'deleteWebhook')).toHaveLength(1);

    const two = await serveBot(world);
    await world.client.delete(NAMESPACES, { name: two.namespace });
    await gone(two.read);
    expect(await world.calls(two.token, 'deleteWebhook')).toHaveLength(1);
    await gone(() => world.client.get(NAMESPACES, { name: two.namespace }));
  });

  it('tries again while Telegram fails', async () => {
    const { namespace, name, token, read } = await serveBot(world);
    const endFault = await world.fault({ token, method: 'deleteWebhook', kind: '500', count: 1_000 });
    await world.client.delete(BOT, { namespace, name });
    await eventually(read, (bot) => conditionOf(bot, 'Reconciling') === 'True/TelegramAway');
    await endFault();
    await gone(read);
  });

  it('[C1] goes on at Telegram after the object is gone, across a restart', async () => {
    const { namespace, name, token, botId, read } = await serveBot(world);
    await withOperator({ BOTPLANE_CLEANUP_S_MAX: '1' }, async () => {
      const endFault = await world.fault({ token, kind: '500', count: 10_000 });
      await world.client.delete(BOT, { namespace, name });
      await gone(read);
      expect(await world.routeOf(botId)).toMatchObject({ state: 'Deleted' });
      expect(await world.calls(token, 'deleteMyCommands')).toHaveLength(0);
      await world.operator.stop('SIGKILL');
      await endFault();
    });
    await eventually(() => world.calls(token, 'deleteMyCommands'), (calls) => calls.length === 1);
    expect(await world.calls(token, 'deleteWebhook')).toHaveLength(1);
    await gone(async () => (await world.nats.jsm.streams.getMessage('KV_credentials', { last_by_subj: `$KV.credentials.${botId}.farewell.*` }))?.string() || undefined);
  });

  it('a Bot made anew under the same name starts over, above the number of the tombstone', async () => {
    const { namespace, name, botId, bot, read } = await serveBot(world);
    await world.client.delete(BOT, { namespace, name });
    await gone(read);
    const tombstone = await world.routeOf(botId);
    expect(tombstone).toMatchObject({ state: 'Deleted', routeSeq: 2 });
    await world.client.create(BOT, makeBot(namespace, name, echoSpec('one')));
    const again = await eventually(read, isServing);
    expect(again.metadata.uid).not.toBe(bot.metadata.uid);
    expect(await world.routeOf(botId)).toMatchObject({ state: 'Serving', uid: again.metadata.uid, routeSeq: 3 });
  });
});

it('metrics carry the names of controller-runtime, and health tells readiness', async () => {
  const text = async (path: string) => (await fetch(`${world.operator.url}${path}`)).text();
  expect(await text('/metrics')).toMatch(/controller_runtime_reconcile_total\{controller="bot",result="success"\} [1-9]/);
  expect(JSON.parse(await text('/readyz'))).toMatchObject({ ready: true });
});

it('never lets a token or a secret into its log', async () => {
  const { token } = await serveBot(world);
  expect(JSON.stringify(world.operator.log)).not.toContain(token);
});

describe('a BotSpec in a ConfigMap', () => {
  it('[P2] is waited for; changed content makes a new revision; broken content leaves the old one in service', async () => {
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    await world.secret(namespace, 'echo', token);
    const bot = makeBot(namespace, 'echo', {});
    const { botSpec: _, ...spec } = bot.spec;
    await world.client.create(BOT, { ...bot, spec: { ...spec, template: { spec: { source: { configMapRef: { name: 'texts' } } } } } });
    const read = () => world.client.get(BOT, { namespace, name: 'echo' });
    await eventually(read, botIs(['Ready', 'False/ConfigMapMissing']));

    const content = (text: string): Record<string, string> => ({ 'botspec.yaml': JSON.stringify(echoSpec(text)) });
    await world.client.create(CONFIG_MAPS, { metadata: { name: 'texts', namespace }, data: content('one') });
    const first = (await eventually(read, isServing)).status?.stableRevision ?? '';
    const revision = await world.client.get(REVISION, { namespace, name: first });
    expect(revision?.spec.source).toEqual({ configMapRef: { name: 'texts', key: 'botspec.yaml', digest: sha256Hex(content('one')['botspec.yaml'] ?? '') } });
    expect(conditionOf(revision!, 'SourceResolved')).toBe('True/FromConfigMap');

    const change = (data: Record<string, string>) => world.client.patch(CONFIG_MAPS, { namespace, name: 'texts' }, { type: 'merge', body: { data } });
    await change(content('two'));
    const second = (await eventually(read, (changed) => isServing(changed) && changed.status?.stableRevision !== first)).status?.stableRevision;

    await change({ 'botspec.yaml': 'meta: { name: Echo, locales: [en], defaultLocale: en }\nfallback: { flow: helo }\nflows: { hello: { steps: [{ reply: { text: on } }] } }\n' });
    const broken = await eventually(read, botIs(['Stalled', 'True/CompileFailed'], ['Available', 'True/Serving']));
    expect(broken.status?.conditions?.find((condition) => condition.type === 'Stalled')?.message).toContain('flows.hello.steps[0].reply.text');
    expect(broken.status?.stableRevision).toBe(second);

    await change(content('one'));
    expect((await eventually(read, (changed) => isServing(changed) && changed.status?.stableRevision === first)).status?.stableRevision).toBe(first);
  });

  it('[P7] is tested as it was published when tests become Required after the ConfigMap is gone, and serves', async () => {
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    await world.secret(namespace, 'echo', token);
    const bot = makeBot(namespace, 'echo', {});
    const { botSpec: _, ...spec } = bot.spec;
    const ref = { namespace, name: 'texts' };
    const content = (text: string): Record<string, string> => ({ 'botspec.yaml': JSON.stringify({ ...echoSpec(text), tests: [{ name: 'greets', steps: [{ say: '/start' }, { expect: { text } }] }] }) });
    await world.client.create(CONFIG_MAPS, { metadata: ref, data: content('one') });
    await world.client.create(BOT, { ...bot, spec: { ...spec, rollout: { strategy: 'Manual' }, template: { spec: { source: { configMapRef: { name: 'texts' } } } } } });
    const read = () => world.client.get(BOT, { namespace, name: 'echo' });
    await eventually(read, isServing);

    await world.client.patch(CONFIG_MAPS, ref, { type: 'merge', body: { data: content('two') } });
    const candidate = (await eventually(read, botIs(['RolloutPaused', 'True/RolloutPaused']))).status?.canaryRevision ?? '';
    await eventually(() => world.client.get(REVISION, { namespace, name: candidate }), (revision) => conditionOf(revision, 'Ready') === 'True/Ready');
    await world.client.delete(CONFIG_MAPS, ref);
    await eventually(read, botIs(['RevisionReady', 'False/ConfigMapMissing']));
    // Of a template that cannot be read nothing is rolled out, so it serves by a pin.
    await editBot(world, { namespace, name: 'echo' }, { rollout: { strategy: 'Manual', tests: 'Required' }, revisionName: candidate });
    await eventually(() => world.client.get(REVISION, { namespace, name: candidate }), (revision) => conditionOf(revision, 'TestsPassed') === 'True/TestsPassed');
    await eventually(read, (now) => now.status?.stableRevision === candidate);
  });

  it('keeps its stateKey for life, though only the compiler sees it', async () => {
    const [namespace, token] = [await world.namespace(), await world.newToken()];
    await world.secret(namespace, 'echo', token);
    const bot = makeBot(namespace, 'echo', {});
    const { botSpec: _, ...spec } = bot.spec;
    await world.client.create(CONFIG_MAPS, { metadata: { name: 'texts', namespace }, data: { spec: JSON.stringify(echoSpec('one', { stateKey: 'chat' })) } });
    await world.client.create(BOT, { ...bot, spec: { ...spec, template: { spec: { source: { configMapRef: { name: 'texts', key: 'spec' } } } } } });
    const read = () => world.client.get(BOT, { namespace, name: 'echo' });
    await eventually(read, isServing);
    expect(await world.routeOf(`${namespace}_echo`)).toMatchObject({ stateKey: 'chat' });
    await world.client.patch(CONFIG_MAPS, { namespace, name: 'texts' }, { type: 'merge', body: { data: { spec: JSON.stringify(echoSpec('two', { stateKey: 'user' })) } } });
    await eventually(read, botIs(['Ready', 'False/StateKeyChanged'], ['Available', 'True/Serving']));
  });
});

describe('a spec in a bundle', () => {
  bundleCases(() => world);
});
