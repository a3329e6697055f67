import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOT, REVISION, conditionOf, echoSpec, eventually, isServing, startWorld } from './support/world.ts';
import type { World } from './support/world.ts';
import { FLUX_CASES, FLUX_RULES, fluxObject, fluxStatus } from './support/flux.ts';

const run = promisify(execFile);
/** As it was built. */
const PLUGIN = join(import.meta.dirname, '../../tools/kubectl-botplane/dist/main.js');
const EXAMPLE = join(import.meta.dirname, '../../examples/gitops');
const RULES = ['inProgress', 'failed', 'current'] as const;
const SELECTOR = 'botplane.dev/example=gitops';
/** What `--prune` may remove: also the kinds whose objects the operator makes. */
const PRUNED = ['core/v1/ConfigMap', 'core/v1/Secret', 'botplane.dev/v1alpha1/Bot', 'botplane.dev/v1alpha1/BotRevision', 'botplane.dev/v1alpha1/BotRuntime'].map((kind) => `--prune-allowlist=${kind}`);

let world: World;
/** The example repository, as somebody cloned it. */
let repository: string;
let token: string;
beforeAll(async () => {
  world = await startWorld();
  await world.operator.start();
  repository = join(world.folder, 'repository');
  mkdirSync(repository);
  cpSync(EXAMPLE, repository, { recursive: true });
  token = await world.newToken();
  writeFileSync(join(repository, 'overlays/dev/token.env'), `token=${token}\n`);
}, 120_000);
afterAll(async () => world?.stop());

const overlay = (name: string): string => join(repository, 'overlays', name);
const readBot = (namespace: string) => () => world.client.get(BOT, { namespace, name: 'reminder' });
const revisions = async (namespace: string) => (await world.client.list(REVISION, { namespace })).items;

describe('[P7] the example repository under GitOps', () => {
  it('serves after kubectl apply -k, and kubectl diff -k finds nothing', async () => {
    expect(await world.kubectl(['apply', '-k', overlay('dev')])).toMatchObject({ ok: true, out: expect.stringContaining('bot.botplane.dev/reminder created') as string });
    const { spec } = await eventually(readBot('bots-dev'), isServing);
    // kustomize follows each generated name to where it stands.
    const names = { token: spec.tokenSecretRef.name, secret: spec.template?.spec.secretRefs?.[0]?.secretName, source: spec.template?.spec.source.configMapRef?.name };
    const generated = (name: string) => expect.stringMatching(new RegExp(`^${name}-[a-z0-9]{10}$`)) as string;
    expect(names).toEqual({ token: generated('reminder-token'), secret: generated('reminder-quotes'), source: generated('reminder-spec') });
    expect(await world.kubectl(['diff', '-k', overlay('dev')])).toEqual({ ok: true, out: '' });
    expect(await world.kubectl(['wait', '--for=condition=Ready', 'bot/reminder', '-n', 'bots-dev', '--timeout=20s'])).toMatchObject({ ok: true });
  });

  it('--prune removes the ConfigMap of the old text, and nothing that the operator made', async () => {
    const before = (await revisions('bots-dev')).map(({ metadata }) => metadata.name);
    const file = join(repository, 'base/botspec.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('I say hello', 'I greet you'));
    const applied = await world.kubectl(['apply', '-k', overlay('dev'), '--prune', '-l', SELECTOR, ...PRUNED]);
    expect(applied).toMatchObject({ ok: true, out: expect.stringMatching(/configmap\/reminder-spec-\w+ pruned/) as string });
    expect(applied.out.match(/pruned/g)).toHaveLength(1);
    const bot = await eventually(readBot('bots-dev'), (read) => isServing(read) && !before.includes(read.status?.stableRevision ?? ''));
    expect(conditionOf(bot, 'Available')).toBe('True/Serving');
    expect((await revisions('bots-dev')).map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(before));
    expect(await world.kubectl(['diff', '-k', overlay('dev')])).toEqual({ ok: true, out: '' });
  });

  it.each(['background', 'foreground', 'orphan'])('survives deletion with --cascade=%s, and serves again when it is applied again', async (cascade) => {
    expect(await world.kubectl(['delete', 'bot/reminder', '-n', 'bots-dev', `--cascade=${cascade}`, '--timeout=30s'])).toMatchObject({ ok: true });
    expect((await world.routeOf('bots-dev_reminder'))?.state).toBe('Deleted');
    if (cascade === 'orphan') expect((await revisions('bots-dev')).length).toBeGreaterThan(0);
    else await eventually(() => revisions('bots-dev'), (left) => left.length === 0);
    expect(await world.kubectl(['apply', '-k', overlay('dev')])).toMatchObject({ ok: true });
    const bot = await eventually(readBot('bots-dev'), isServing);
    expect(await world.routeOf('bots-dev_reminder')).toMatchObject({ state: 'Serving', uid: bot.metadata.uid });
    for (const { metadata } of await revisions('bots-dev')) expect(metadata.ownerReferences).toMatchObject([{ kind: 'Bot', uid: bot.metadata.uid, controller: true }]);
  });

  it('collects what --cascade=orphan left like any revision of the Bot that was applied later, and a stranger never', async () => {
    const bot = await eventually(readBot('bots-dev'), isServing);
    const { metadata: { name: orphan, labels }, spec } = (await revisions('bots-dev'))[0]!;
    await world.client.create(REVISION, { metadata: { name: 'reminder-by-hand', namespace: 'bots-dev', labels }, spec });
    const edit = (body: object) => world.client.patch(BOT, { namespace: 'bots-dev', name: 'reminder' }, { type: 'merge', body: { spec: body } });
    await edit({ revisionHistoryLimit: 0, template: { spec: { limits: { memoryMiB: 48 } } } });
    const next = await eventually(readBot('bots-dev'), (read) => isServing(read) && read.status?.stableRevision !== bot.status?.stableRevision);
    // A pin leaves nothing to the conversations on the old one.
    await edit({ revisionName: next.status?.stableRevision });
    const left = await eventually(() => revisions('bots-dev'), (all) => all.every(({ metadata }) => metadata.name !== orphan));
    expect(left.find(({ metadata }) => metadata.name === 'reminder-by-hand')?.metadata.ownerReferences).toBeUndefined();
  });

  it.each(['staging', 'production'])('the overlay %s is taken by the API server, and nothing differs afterwards', async (name) => {
    expect(await world.kubectl(['apply', '-k', overlay(name)])).toMatchObject({ ok: true });
    await world.secret(`bots-${name}`, 'reminder-token', await world.newToken());
    await world.secret(`bots-${name}`, 'reminder-quotes', 'of-nobody');
    await eventually(readBot(`bots-${name}`), isServing);
    expect(await world.kubectl(['diff', '-k', overlay(name)])).toEqual({ ok: true, out: '' });
  });

  it('what people decide by kubectl botplane rolls out, and differs from nothing in Git', async () => {
    const botplane = async (...args: string[]): Promise<{ code: number; out: string }> =>
      run(process.execPath, [PLUGIN, ...args, '-n', 'bots-staging'], { env: { ...process.env, KUBECONFIG: world.cluster.kubeconfig, NODE_OPTIONS: '' } }).then(
        ({ stdout }) => ({ code: 0, out: stdout }), (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, out: error.stdout + error.stderr }));
    const before = (await readBot('bots-staging')())?.status?.stableRevision;
    const file = join(repository, 'base/botspec.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('I greet you', 'I wave'));
    expect(await world.kubectl(['apply', '-k', overlay('staging')])).toMatchObject({ ok: true });
    const waiting = await eventually(readBot('bots-staging'), (bot) => conditionOf(bot, 'RolloutPaused').startsWith('True'));
    expect(waiting.status).toMatchObject({ stableRevision: before, canaryWeight: 0 });
    expect(await botplane('status', 'reminder')).toMatchObject({ code: 3 });

    const candidate = waiting.status?.canaryRevision ?? '';
    expect(await botplane('promote', 'reminder')).toMatchObject({ code: 0, out: `bot.botplane.dev/reminder: ${candidate} gets all traffic\n` });
    expect(await botplane('status', 'reminder', '--timeout', '20s')).toMatchObject({ code: 0 });
    expect((await world.routeOf('bots-staging_reminder'))?.split).toEqual([{ revision: candidate, weight: 100 }]);
    expect(await world.kubectl(['diff', '-k', overlay('staging')])).toEqual({ ok: true, out: '' });

    expect(await botplane('undo', 'reminder')).toMatchObject({ code: 0, out: expect.stringContaining(`pinned to ${before}`) as string });
    await eventually(readBot('bots-staging'), (bot) => isServing(bot) && bot.status?.stableRevision === before);
    expect(await botplane('unpin', 'reminder')).toMatchObject({ code: 0 });
    expect(await world.kubectl(['apply', '-k', overlay('staging')])).toMatchObject({ ok: true, out: expect.stringContaining('bot.botplane.dev/reminder unchanged') as string });
  });
});

describe('[C6] the expressions for Flux, asked of cel-go (a policy of kube-apiserver that refuses each status, and says what holds)', () => {
  const kinds = { Bot: ['bots', { platform: 'Telegram', tokenSecretRef: { name: 'flux' }, botSpec: echoSpec('one') }], BotRuntime: ['botruntimes', {}] } as const;
  const label = { 'test/flux': 'asks' };
  let namespace: string;

  beforeAll(async () => {
    namespace = await world.namespace();
    for (const rules of FLUX_RULES) {
      const [resource, spec] = kinds[rules.kind as keyof typeof kinds];
      const name = `flux-${resource}`;
      // Where Flux gives the fields of the object, a policy gives the object.
      const asked = RULES.map((rule) => `((${(rules[rule] ?? 'false').replaceAll('status.?', 'object.status.?')}) ? '${rule} ' : '')`);
      const validations = [{ expression: 'false', messageExpression: `'holds: ' + ${asked.join(' + ')}` }];
      const resourceRules = [{ apiGroups: ['botplane.dev'], apiVersions: ['*'], operations: ['UPDATE'], resources: [`${resource}/status`] }];
      const policy = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name }, spec: { matchConstraints: { resourceRules, objectSelector: { matchLabels: label } }, validations } };
      const binding = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } };
      const object = { apiVersion: 'botplane.dev/v1alpha1', kind: rules.kind, metadata: { name: 'flux', namespace, labels: label, annotations: { 'botplane.dev/reconcile': 'disabled' } }, spec };
      for (const made of [policy, binding, object]) expect(await world.kubectl(['apply', '-f', '-'], JSON.stringify(made))).toMatchObject({ ok: true });
    }
  });

  it.each(FLUX_CASES)('%s %s: %s', async (kind, name, verdict) => {
    const found = fluxObject(kind, name);
    const patch = ['patch', kind, 'flux', '-n', namespace, '--subresource=status', '--type=merge', '--dry-run=server', '-p', JSON.stringify({ status: found.status })];
    // A policy is heeded some seconds after it was made.
    const { out } = await eventually(() => world.kubectl(patch), (answer) => answer.out.includes('holds:'));
    const holding = /holds:([a-zA-Z ]*)/.exec(out)?.[1]?.split(' ') ?? [];
    expect(fluxStatus(found, (rule) => holding.includes(rule))).toBe(verdict);
  });
});
