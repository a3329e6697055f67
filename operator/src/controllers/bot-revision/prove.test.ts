import type { Bot, BotRevision } from '@botplane/k8s';
import { expect, it } from 'vitest';
import type { RevisionDeps, RevisionWork } from './observe.ts';
import { follow } from './prove.ts';

it('code that a move fetches from the bucket belongs to the reconcile, which gives it up', async () => {
  const code = Buffer.from('code');
  const loaded: string[] = [];
  const bot = { metadata: { name: 'b', namespace: 'shop' }, spec: { runtimeRef: { name: 'new' } }, status: { stableRevision: 'b-1' } } as unknown as Bot;
  const status = { runtime: 'shop_old', artifact: { revHash: 'h', sha256: 's' }, conditions: [{ type: 'Loaded', status: 'True' }] };
  const revision = { metadata: { name: 'b-1', namespace: 'shop' }, spec: { isolation: 'Pooled' }, status } as unknown as BotRevision;
  const deps = {
    settings: { namespace: 'botplane-system' }, runtimes: { get: () => ({ metadata: { name: 'new', namespace: 'shop' }, spec: {} }) }, namespaces: { of: () => Promise.resolve({}) },
    readyPods: () => [{ uid: 'u', name: 'pod', address: 'pod:1' }], artefacts: { get: () => Promise.resolve(code) }, log: { info: () => undefined },
    pods: { load: (_address: string, request: { code: Buffer }) => Promise.resolve({ kind: loaded.push(request.code.toString()) && 'loaded' }) },
  } as unknown as RevisionDeps;
  const work = { revision, bot, botId: 'shop_b', key: 'shop/b-1', draft: structuredClone(revision.status), code: undefined } as unknown as RevisionWork;

  expect(await follow(deps, work)).toMatchObject({ state: 'done' });
  expect([loaded, work.draft.runtime]).toEqual([['code'], 'shop_new']);
  expect(work.code).toBe(code);
});
