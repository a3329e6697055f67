import { BUCKETS, STREAMS, mediaKey, subjects } from '@botplane/contracts';
import type { RevisionStats } from '@botplane/contracts';
import type { Bot, KubeEvent } from '@botplane/k8s';
import { ArtefactStore } from '@botplane/kit';
import { TypedBucket } from '@botplane/nats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BOT, REVISION, botIs, conditionOf, echoSpec, editBot, eventually, isServing, serveBot, startWorld } from './support/world.ts';
import type { World } from './support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.operator.start();
}, 120_000);
afterAll(async () => world?.stop());

async function keysBelow(store: ArtefactStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

const deadLettersOf = async (botId: string): Promise<string[]> => Object.keys((await world.nats.jsm.streams.info(STREAMS.dlq, { subjects_filter: `dlq.*.${botId}` })).state.subjects ?? {}).toSorted();

/** Executors get 15 s to see a new route, then chats are looked at every 5 s. */
const DRAINED_MS_MAX = 60_000;

/** Of the first test, for the last one: until then it is long enough that another revision serves. */
let talkedTo: { botId: string; superseded: string; read: () => Promise<Bot | undefined> } | undefined;
const chatOf = (botId: string): string => `${botId}.4711`;

const template = (text: string, commit: string) => ({ metadata: { annotations: { 'git.example/commit': commit } }, spec: { source: { botSpec: echoSpec(text) } } });
const messageOf = (bot: Bot, type: string): string | undefined => bot.status?.conditions?.find((condition) => condition.type === type)?.message;
const canary = (extra: object = {}) => ({ strategy: 'Canary', steps: [{ setWeight: 10 }, { pause: { duration: '2s' } }, { setWeight: 50 }, { pause: {} }], ...extra });
const atStep = (step: number, weight: number) => (bot: Bot): boolean => bot.status?.currentStep === step && bot.status.canaryWeight === weight && bot.status.observedGeneration === bot.metadata.generation;

it('[P7] a canary takes its steps, waits for promote, survives a restart of the operator, and takes over', async () => {
  const { namespace, name, botId, bot, read } = await serveBot(world, { extra: { rollout: canary() } as never });
  const stable = bot.status?.stableRevision ?? '';
  await editBot(world, { namespace, name }, { botSpec: echoSpec('two') });
  const first = await eventually(read, (now) => atStep(1, 10)(now) && conditionOf(now, 'Reconciling') === 'True/RollingOut');
  const candidate = first.status?.canaryRevision ?? '';
  expect(first.status).toMatchObject({ stableRevision: stable, latestCreatedRevision: candidate });
  expect([conditionOf(first, 'Available'), conditionOf(first, 'Stalled')]).toEqual(['True/Serving', 'False/Settled']);
  expect(await world.routeOf(botId)).toMatchObject({ split: [{ revision: stable, weight: 90 }, { revision: candidate, weight: 10 }], revisions: { [stable]: {}, [candidate]: {} } });

  await world.operator.stop('SIGKILL');
  await world.operator.start();
  await eventually(read, (now) => atStep(3, 50)(now) && conditionOf(now, 'RolloutPaused') === 'True/RolloutPaused');
  expect(await world.routeOf(botId)).toMatchObject({ split: [{ revision: stable, weight: 50 }, { revision: candidate, weight: 50 }] });
  const columns = (await world.kubectl(['get', 'bot', name, '-n', namespace])).out.split('\n')[1] ?? '';
  expect(columns).toMatch(new RegExp(`^${name} +False +RolloutPaused +True +${stable} +${candidate} +50 +3 `));

  // Somebody is in the middle of a conversation with the old one.
  await new TypedBucket<object>(world.nats.jsm, BUCKETS.chatState).create(chatOf(botId), { state: { conversation: { revision: stable } } });
  talkedTo = { botId, superseded: stable, read };
  await editBot(world, { namespace, name }, { rollout: { promote: { revision: candidate } } });
  const promoted = await eventually(read, isServing);
  expect(promoted.status).toMatchObject({ stableRevision: candidate, superseded: [{ revision: stable }], served: [{ revision: stable }] });
  expect(promoted.status?.canaryRevision).toBeUndefined();
  expect(await world.routeOf(botId)).toMatchObject({ split: [{ revision: candidate, weight: 100 }], revisions: { [stable]: {}, [candidate]: {} } });
});

it('[P7] an aborted revision loses its traffic, is named with its commit, and is not tried again until retry changes, whatever Git applies', async () => {
  const { namespace, name, botId, bot, read } = await serveBot(world, { extra: { botSpec: undefined, template: template('one', 'c1'), rollout: canary({ steps: [{ setWeight: 25 }, { pause: {} }] }) } as never });
  const stable = bot.status?.stableRevision ?? '';
  await editBot(world, { namespace, name }, { template: template('two', 'c2') });
  const candidate = (await eventually(read, atStep(1, 25))).status?.canaryRevision ?? '';
  await editBot(world, { namespace, name }, { rollout: { abort: candidate } });
  const aborted = await eventually(read, botIs(['RolloutFailed', 'True/RolloutAborted'], ['Stalled', 'True/RolloutAborted'], ['Ready', 'False/RolloutAborted'], ['Available', 'True/Serving']));
  expect(aborted.status).toMatchObject({ stableRevision: stable, failedRevisions: [{ revision: candidate, reason: 'RolloutAborted', message: expect.stringContaining('git.example/commit: c2') }] });
  expect(await world.routeOf(botId)).toMatchObject({ split: [{ revision: stable, weight: 100 }], revisions: { [stable]: {} } });
  expect(Object.keys((await world.routeOf(botId))?.revisions ?? {})).toEqual([stable]);
  const events = async () => JSON.parse((await world.kubectl(['get', 'events', '-n', namespace, '-o', 'json'])).out) as { items: KubeEvent[] };
  await eventually(events, ({ items }) => items.some((event) => JSON.stringify(event).includes(`gave up ${candidate}: RolloutAborted: spec.rollout.abort names it (git.example/commit: c2)`)));
  expect(messageOf(aborted, 'RolloutFailed')).toContain('git.example/commit: c2');

  // What a Git controller does: the same manifest again, also without the abort.
  await editBot(world, { namespace, name }, { template: template('two', 'c2'), rollout: { abort: null } });
  const seq = (await world.routeOf(botId))?.routeSeq;
  await eventually(read, botIs(['RolloutFailed', 'True/RolloutAborted']));
  expect((await world.routeOf(botId))?.routeSeq).toBe(seq);

  await editBot(world, { namespace, name }, { rollout: { retry: 'fixed the backend' } });
  const retried = await eventually(read, atStep(1, 25));
  expect(retried.status).toMatchObject({ canaryRevision: candidate, observedRetry: 'fixed the backend' });
  expect(retried.status?.failedRevisions).toBeUndefined();

  // The same spec again, from another commit, and what a person noted at the revision stays.
  await world.kubectl(['annotate', 'botrevision', candidate, '-n', namespace, 'seen.example/by=me']);
  await editBot(world, { namespace, name }, { template: template('two', 'c3'), rollout: { retry: 'and from another commit', abort: candidate } });
  const again = await eventually(read, botIs(['RolloutFailed', 'True/RolloutAborted']));
  expect(messageOf(again, 'RolloutFailed')).toContain('git.example/commit: c3');
  expect((await world.client.get(REVISION, { namespace, name: candidate }))?.metadata.annotations).toMatchObject({ 'git.example/commit': 'c3', 'seen.example/by': 'me' });
  await eventually(events, ({ items }) => items.some((event) => JSON.stringify(event).includes('git.example/commit: c3')));
  await editBot(world, { namespace, name }, { template: template('one', 'c1') });
  expect((await eventually(read, isServing)).status).toMatchObject({ stableRevision: stable });
});

it('[P7] a canary that fails on half of its updates is aborted within an interval, by what executors count', async () => {
  const analysis = [{ name: 'errors', metric: 'ErrorPercent', max: 10, interval: '2s' }];
  const { namespace, name, botId, bot, read } = await serveBot(world, { extra: { rollout: canary({ steps: [{ setWeight: 20 }, { pause: {} }], analysis }) } as never });
  await editBot(world, { namespace, name }, { botSpec: echoSpec('two') });
  const candidate = (await eventually(read, atStep(1, 20))).status?.canaryRevision ?? '';
  const startedMs = performance.now();
  const counted = (revision: string, errors: number): RevisionStats['entries'][number] => ({ botId, revision, runs: 20, errors, kills: 0, deadLetters: 0, stepMs: [] });
  const executor = setInterval(() => {
    const stats: RevisionStats = { v: 1, entries: [counted(bot.status?.stableRevision ?? '', 0), counted(candidate, 10)] };
    world.nats.connection.publish(subjects.revisionStats, JSON.stringify(stats));
  }, 200);
  const aborted = await eventually(read, botIs(['RolloutFailed', 'True/AnalysisFailed'], ['Available', 'True/Serving']));
  clearInterval(executor);
  expect(performance.now() - startedMs).toBeLessThan(7_000);
  expect(aborted.status).toMatchObject({ stableRevision: bot.status?.stableRevision, failedRevisions: [{ revision: candidate, message: 'check errors measured 50, which must be at most 10' }] });
  expect((await world.routeOf(botId))?.split).toEqual([{ revision: bot.status?.stableRevision, weight: 100 }]);
});

it('[P7] a canary that cannot serve within the progress deadline is given up, and stays so once it could, until retry changes', async () => {
  const { namespace, name, botId, bot, read } = await serveBot(world, { extra: { botSpec: undefined, template: template('one', 'c1'), rollout: canary({ progressDeadlineSeconds: 10 }) } as never });
  const stable = bot.status?.stableRevision ?? '';
  const { spec, metadata } = template('two', 'c2');
  await editBot(world, { namespace, name }, { template: { metadata, spec: { ...spec, secretRefs: [{ name: 'API', secretName: 'late', key: 'token' }] } } });
  const failed = await eventually(read, botIs(['RolloutFailed', 'True/ProgressDeadlineExceeded'], ['Stalled', 'True/ProgressDeadlineExceeded'], ['Available', 'True/Serving']), DRAINED_MS_MAX);
  const candidate = failed.status?.latestCreatedRevision ?? '';
  expect(failed.status).toMatchObject({ stableRevision: stable, failedRevisions: [{ revision: candidate, message: expect.stringMatching(/^it could not serve for 10 s \(SecretMissing: .*late.*\) \(git\.example\/commit: c2\)$/) }] });

  await world.secret(namespace, 'late', 'value');
  await eventually(() => world.client.get(REVISION, { namespace, name: candidate }), (revision) => conditionOf(revision, 'Ready') === 'True/Ready');
  await editBot(world, { namespace, name }, { revisionHistoryLimit: 4 });
  await eventually(read, (now) => now.status?.observedGeneration === now.metadata.generation && botIs(['RolloutFailed', 'True/ProgressDeadlineExceeded'])(now));
  expect((await world.routeOf(botId))?.split).toEqual([{ revision: stable, weight: 100 }]);
  await editBot(world, { namespace, name }, { rollout: { retry: 'the secret is there' } });
  expect((await eventually(read, atStep(1, 10))).status?.canaryRevision).toBe(candidate);
});

it('[P7] a revision whose tests fail never gets traffic, and the failing case is named; one whose tests pass does', async () => {
  const greets = (expected: string, name = 'greets') => ({ name, steps: [{ say: '/start' }, { expect: { text: expected } }] });
  const tested = (text: string, expected: string) => ({ ...echoSpec(text), tests: [greets(expected)] });
  const { namespace, name, botId, bot, read } = await serveBot(world, { extra: { rollout: { tests: 'Required' } } as never });
  await editBot(world, { namespace, name }, { botSpec: tested('two', 'three') });
  const refused = await eventually(read, botIs(['RolloutFailed', 'True/TestsFailed'], ['Stalled', 'True/TestsFailed'], ['Available', 'True/Serving']));
  expect(refused.status?.failedRevisions?.[0]?.message).toMatch(/1 of 1 tests failed: greets \(tests\[0\]\.steps\[1\]\)/);
  expect((await world.routeOf(botId))?.split).toEqual([{ revision: bot.status?.stableRevision, weight: 100 }]);

  // However much there is to tell, the commit is told.
  const many = { ...echoSpec('two'), tests: Array.from({ length: 40 }, (_, at) => greets('three', `${at}: ${'a long name '.repeat(5)}`)) };
  await editBot(world, { namespace, name }, { botSpec: null, template: { metadata: { annotations: { 'git.example/commit': 'c2' } }, spec: { source: { botSpec: many } } } });
  const long = await eventually(read, (now) => messageOf(now, 'RolloutFailed')?.includes('40 of 40 tests failed') ?? false);
  expect(messageOf(long, 'RolloutFailed')).toMatch(/\(git\.example\/commit: c2\)$/);
  const events = async () => JSON.parse((await world.kubectl(['get', 'events', '-n', namespace, '-o', 'json'])).out) as { items: (KubeEvent & { message?: string })[] };
  await eventually(events, ({ items }) => items.some(({ message = '' }) => message.includes('40 of 40 tests failed') && message.endsWith('(git.example/commit: c2)')));
  await editBot(world, { namespace, name }, { template: null, botSpec: tested('two', 'two') });
  const served = await eventually(read, isServing);
  const revision = await world.client.get(REVISION, { namespace, name: served.status?.stableRevision ?? '' });
  expect(conditionOf(revision, 'TestsPassed')).toBe('True/TestsPassed');
});

it('deletionPolicy decides about the state of the chats and the artefacts', async () => {
  const chats = new TypedBucket<object>(world.nats.jsm, BUCKETS.chatState);
  for (const deletionPolicy of ['Retain', 'Delete'] as const) {
    const { namespace, name, botId, bot, read } = await serveBot(world, { extra: { deletionPolicy } as never });
    expect(bot.status?.stableRevision).toBeDefined();
    await chats.create(`${botId}.7`, {});
    for (const id of [botId, `${botId}-2`]) for (const subject of [subjects.dlqIn(id), subjects.dlqOut(id)]) await world.nats.jsm.jetstream().publish(subject, '{}');
    // Of a revision that was collected long ago, and of a bundle.
    const store = new ArtefactStore({ S3_ENDPOINT: world.s3.endpoint, S3_ACCESS_KEY: world.s3.accessKey, S3_SECRET_KEY: world.s3.secretKey, S3_BUCKET: world.s3.bucket, S3_REGION: 'us-east-1' });
    for (const key of [`bots/${botId}/${'0'.repeat(40)}/bot.js`, mediaKey(botId, 'f'.repeat(64)), `bots/${botId}-2/kept`]) await store.put(key, Buffer.from('x'), 'text/plain');
    await world.client.delete(BOT, { namespace, name });
    await eventually(async () => ({ gone: await read() }), ({ gone }) => gone === undefined);
    expect((await chats.get(`${botId}.7`)) !== undefined).toBe(deletionPolicy === 'Retain');
    expect(await deadLettersOf(botId)).toEqual(deletionPolicy === 'Retain' ? [`dlq.in.${botId}`, `dlq.out.${botId}`] : []);
    expect(await deadLettersOf(`${botId}-2`)).toHaveLength(2);
    expect((await keysBelow(store, `bots/${botId}/`)).length).toBe(deletionPolicy === 'Retain' ? 5 : 0);
    expect(await keysBelow(store, `bots/${botId}-2/`)).toEqual([`bots/${botId}-2/kept`]);
    store.close();
  }
});

const broken = { ...echoSpec('broken'), fallback: { flow: 'helo' } };
const revisionsOf = async (namespace: string): Promise<string[]> => (await world.client.list(REVISION, { namespace })).items.map(({ metadata }) => metadata.name).toSorted();

it('deleteDelay collects a revision that served and one that never compiled by their age, with nothing else happening', async () => {
  const { namespace, name, bot, read } = await serveBot(world, { extra: { sunset: { scaledownDelay: '1s', deleteDelay: '5s' } } as never });
  await editBot(world, { namespace, name }, { botSpec: broken });
  const failing = await eventually(read, botIs(['Stalled', 'True/CompileFailed']));
  expect(await revisionsOf(namespace)).toEqual(expect.arrayContaining([bot.status?.stableRevision, failing.status?.latestCreatedRevision]));
  await editBot(world, { namespace, name }, { botSpec: echoSpec('three') });
  const served = await eventually(read, (now) => isServing(now) && now.status?.stableRevision !== bot.status?.stableRevision);
  await eventually(() => revisionsOf(namespace), (left) => left.join() === served.status?.stableRevision);
});

it('a pinned revision is never collected, though it cannot serve and no history is kept', async () => {
  const { namespace, name, read } = await serveBot(world, { extra: { revisionHistoryLimit: 0, sunset: { scaledownDelay: '0s' } } as never });
  await editBot(world, { namespace, name }, { botSpec: broken });
  const pinned = (await eventually(read, botIs(['Stalled', 'True/CompileFailed']))).status?.latestCreatedRevision ?? '';
  await editBot(world, { namespace, name }, { revisionName: pinned, botSpec: echoSpec('three') });
  // Built meanwhile, and not the newest either: one edit later it is collected, while the pin keeps the other.
  const built = (await eventually(read, (now) => now.status?.latestReadyRevision === now.status?.latestCreatedRevision && now.status?.latestCreatedRevision !== pinned)).status?.latestCreatedRevision ?? '';
  await editBot(world, { namespace, name }, { botSpec: echoSpec('four') });
  await eventually(() => revisionsOf(namespace), (left) => !left.includes(built));
  expect(await revisionsOf(namespace)).toContain(pinned);
  await editBot(world, { namespace, name }, { revisionName: null });
  await eventually(() => revisionsOf(namespace), (left) => !left.includes(pinned));
});

it('[P7] Manual gives no traffic before promote, and a pin shows what waits', async () => {
  const { namespace, name, botId, bot, read } = await serveBot(world, { extra: { rollout: { strategy: 'Manual' } } as never });
  const stable = bot.status?.stableRevision ?? '';
  await editBot(world, { namespace, name }, { botSpec: echoSpec('two') });
  const waits = await eventually(read, botIs(['RolloutPaused', 'True/RolloutPaused']));
  const candidate = waits.status?.canaryRevision ?? '';
  expect(waits.status).toMatchObject({ stableRevision: stable, canaryWeight: 0, currentStep: 0 });
  expect((await world.routeOf(botId))?.split).toEqual([{ revision: stable, weight: 100 }]);

  await editBot(world, { namespace, name }, { revisionName: stable });
  const pinned = await eventually(read, botIs(['Pinned', 'True/NewerRevisionWaits'], ['Ready', 'True/Serving']));
  expect(pinned.status?.canaryRevision).toBeUndefined();
  await editBot(world, { namespace, name }, { revisionName: null, rollout: { promote: { revision: candidate } } });
  expect((await eventually(read, isServing)).status?.stableRevision).toBe(candidate);
});

it('[P7] a superseded revision leaves the route once no conversation is left on it', async () => {
  const { botId, superseded, read } = talkedTo ?? { botId: '', superseded: '', read: async () => undefined };
  expect(Object.keys((await world.routeOf(botId))?.revisions ?? {})).toContain(superseded);
  await new TypedBucket<object>(world.nats.jsm, BUCKETS.chatState).delete(chatOf(botId));
  const drained = await eventually(read, (bot) => bot.status?.superseded === undefined || bot.status.superseded.length === 0, DRAINED_MS_MAX);
  await eventually(async () => world.routeOf(botId), (route) => route.revisions[superseded] === undefined);
  expect((await world.routeOf(botId))?.split).toEqual([{ revision: drained.status?.stableRevision, weight: 100 }]);
  const revision = () => world.client.get(REVISION, { namespace: drained.metadata.namespace ?? '', name: superseded });
  await eventually(revision, (found) => conditionOf(found, 'Drained').startsWith('True/'));
});
