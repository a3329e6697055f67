import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_MAPS, DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS } from '@botplane/k8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE, renderProfile } from '../../tools/charts/test/support/helm.ts';
import type { Profile } from '../../tools/charts/test/support/helm.ts';
import type { Manifest } from '../../tools/charts/test/support/manifest.ts';
import { BOT, INSTALL_NAMESPACE, REVISION, RUNTIME, conditionOf, echoSpec, editBot, eventually, isServing, makeBot, startWorld } from './support/world.ts';
import type { World } from './support/world.ts';

const ACCOUNT = 'botplane-operator';
const RIGHTS = ['ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];

let world: World;
let granted: Manifest[] = [];
beforeAll(async () => {
  world = await startWorld();
}, 120_000);
afterAll(async () => world?.stop());

const apply = async (...args: string[]): Promise<void> => expect(await world.kubectl(args, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: granted }))).toMatchObject({ ok: true });

/** The accounts and rights of an install with this profile, and nobody else's; returns the settings of its operator. */
async function install(profile: Profile): Promise<Record<string, string>> {
  if (granted.length > 0) await apply('delete', '-f', '-');
  const manifests = await renderProfile(profile);
  granted = manifests.filter(({ kind }) => RIGHTS.includes(kind));
  await apply('apply', '-f', '-');
  const operator = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === ACCOUNT) as unknown as { spec: { template: { spec: { containers: [{ env: { name: string; value?: string }[] }] } } } };
  return Object.fromEntries(operator.spec.template.spec.containers[0].env.map(({ name, value = '' }) => [name, value]));
}

/** An operator that is nobody but the service account of the chart. */
async function startOperator(profile: Profile) {
  const { BOTPLANE_SCOPE = '' } = await install(profile);
  const token = (await world.kubectl(['create', 'token', ACCOUNT, '-n', NAMESPACE])).out.trim();
  const kubeconfig = join(world.folder, `kubeconfig-${profile}`);
  writeFileSync(kubeconfig, readFileSync(world.cluster.kubeconfig, 'utf8').replace(/\{token: [^}]*\}/, `{token: ${token}}`), { mode: 0o600 });
  const operator = world.anotherOperator({ KUBECONFIG: kubeconfig, BOTPLANE_SCOPE, POD_NAME: `operator-${profile}` });
  await operator.start();
  return { operator, scope: BOTPLANE_SCOPE };
}

describe('an operator with the rights of its chart alone', () => {
  it.each([['quickstart', 'Cluster'], ['minimal', 'Namespace']] as const)('[C3] profile %s, scope %s: a Bot lives its whole life and kube-apiserver refuses nothing', async (profile, scope) => {
    const { operator, scope: set } = await startOperator(profile);
    expect(set).toBe(scope);
    try {
      const namespace = scope === 'Cluster' ? await world.namespace() : INSTALL_NAMESPACE;
      const allowedNamespaces = scope === 'Cluster' ? { from: 'Selector', selector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } } : { from: 'Same', selector: null };
      await world.client.patch(RUNTIME, { namespace: INSTALL_NAMESPACE, name: 'default' }, { type: 'merge', body: { spec: { allowedNamespaces, autoscaling: { type: 'CPU', max: 2 } } } });
      await eventually(() => world.client.get(HORIZONTAL_POD_AUTOSCALERS, { namespace: INSTALL_NAMESPACE, name: 'botrt-default' }), (scaler) => scaler.spec?.maxReplicas === 2);

      const ref = { namespace, name: 'echo' };
      const token = await world.newToken();
      await world.secret(namespace, 'echo', token);
      await world.client.create(CONFIG_MAPS, { metadata: ref, data: { 'botspec.yaml': JSON.stringify(echoSpec('one')) } });
      const { botSpec: _, ...spec } = makeBot(namespace, 'echo', {}).spec;
      const template = (isolation: 'Dedicated' | 'Pooled') => ({ spec: { isolation, source: { configMapRef: { name: 'echo' } }, secretRefs: [{ name: 'KEY', secretName: 'echo', key: 'token' }] } });
      await world.client.create(BOT, { metadata: ref, spec: { ...spec, rollout: { tests: 'Required' }, revisionHistoryLimit: 0, template: template('Dedicated') } });
      const read = () => world.client.get(BOT, ref);
      const dedicated = (await eventually(read, isServing)).status?.stableRevision ?? '';
      expect(conditionOf(await world.client.get(REVISION, { namespace, name: dedicated }), 'TestsPassed')).toBe('True/TestsPassed');
      expect(await world.client.get(DEPLOYMENTS, { namespace, name: `botrev-${dedicated}` })).toBeDefined();

      await editBot(world, ref, { template: template('Pooled') });
      const pooled = await eventually(read, (bot) => isServing(bot) && bot.status?.stableRevision !== dedicated);
      // A pin supersedes nothing: the old revision is collected, and its pods are removed.
      await editBot(world, ref, { revisionName: pooled.status?.stableRevision });
      await eventually(async () => [await world.client.get(REVISION, { namespace, name: dedicated })], ([left]) => left === undefined);
      await world.client.patch(RUNTIME, { namespace: INSTALL_NAMESPACE, name: 'default' }, { type: 'merge', body: { spec: { autoscaling: { type: 'None', max: null } } } });
      await eventually(async () => [await world.client.get(HORIZONTAL_POD_AUTOSCALERS, { namespace: INSTALL_NAMESPACE, name: 'botrt-default' })], ([left]) => left === undefined);
      await world.client.delete(BOT, ref);
      await eventually(async () => [await read()], ([left]) => left === undefined);

      const own = world.cluster.audited().filter(({ user }) => user === `system:serviceaccount:${NAMESPACE}:${ACCOUNT}`);
      expect(own.map(({ resource }) => resource)).toEqual(expect.arrayContaining(['bots/status', 'botrevisions/status', 'deployments', 'leases']));
      expect(own.filter(({ code }) => code === 403)).toEqual([]);
      const metrics = await (await fetch(`${operator.url}/metrics`)).text();
      expect(metrics).toMatch(/^rest_client_requests_total\{code="200",method="GET",/m);
      expect(metrics.split('\n').filter((line) => line.startsWith('rest_client_requests_total{code="403"'))).toEqual([]);
    } finally {
      await operator.stop();
    }
  });
});

describe('the roles for people', () => {
  const VERBS = ['get', 'create', 'patch', 'delete'];

  /** Verbs that the group may use on a resource. */
  async function allowed(group: string, resource: string, namespace: string): Promise<string[]> {
    const answers = await Promise.all(VERBS.map(async (verb) => ((await world.kubectl(['auth', 'can-i', verb, resource, '-n', namespace, '--as=ann', `--as-group=${group}`])).out.trim().endsWith('yes') ? [verb] : [])));
    return answers.flat();
  }

  it('[C3] view reads, edit and admin run bots, and pools are for botplane-admin', async () => {
    await install('quickstart');
    const namespace = await world.namespace();
    for (const role of ['view', 'edit', 'admin', 'botplane-admin']) {
      expect(await world.kubectl(['create', 'rolebinding', `${role}s`, `--clusterrole=${role}`, `--group=${role}s`, '-n', namespace])).toMatchObject({ ok: true });
    }
    // The cluster's own roles are put together by a controller.
    await eventually(() => allowed('edits', 'bots.botplane.dev', namespace), (verbs) => verbs.length === VERBS.length);
    await eventually(() => allowed('admins', 'bots.botplane.dev', namespace), (verbs) => verbs.length === VERBS.length);
    await eventually(() => allowed('views', 'bots.botplane.dev', namespace), (verbs) => verbs.length > 0);
    const of = async (group: string) => Promise.all(['bots', 'botrevisions', 'botruntimes'].map((resource) => allowed(group, `${resource}.botplane.dev`, namespace)));
    expect(await of('views')).toEqual([['get'], ['get'], ['get']]);
    expect(await of('edits')).toEqual([VERBS, VERBS, ['get']]);
    expect(await of('admins')).toEqual([VERBS, VERBS, ['get']]);
    expect(await of('botplane-admins')).toEqual([VERBS, VERBS, VERBS]);
    expect(await of('strangers')).toEqual([[], [], []]);
  });
});
