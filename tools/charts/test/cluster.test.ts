import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '@botplane/bootstrap';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startCluster } from './support/cluster.ts';
import type { Cluster } from './support/cluster.ts';
import { CHART, NAMESPACE, PROFILES, PROFILE_NAMES, ROOT, helm, renderProfile } from './support/helm.ts';
import { ofKind, podTemplates } from './support/manifest.ts';
import type { Manifest, PodTemplate } from './support/manifest.ts';
import { startOperatorAs } from './support/operator.ts';
import { SCHEMA_PATTERN, writeSchemas } from './support/json-schemas.ts';

let cluster: Cluster;
const rendered: Record<string, Manifest[]> = {};
beforeAll(async () => {
  [cluster] = await Promise.all([startCluster(), ...PROFILE_NAMES.map(async (profile) => (rendered[profile] = await renderProfile(profile)))]);
  // Pods are refused without their service account.
  const accounts = Object.values(rendered).flatMap((manifests) => ofKind(manifests, 'ServiceAccount'));
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], [...new Map(accounts.map((account) => [account.metadata.name, account])).values()]);
});
afterAll(() => cluster?.stop());

const everything = (): Manifest[] => Object.values(rendered).flat();

/** The pod that a controller would make. */
function podOf({ owner, labels, spec }: PodTemplate, index: number): object {
  // A StatefulSet adds the volumes of its claims itself.
  const volumes = spec.volumes as { name: string }[];
  const mounted = spec.containers.flatMap(({ volumeMounts }: { volumeMounts: { name: string }[] }) => volumeMounts.map(({ name }) => name)) as string[];
  const claims = [...new Set(mounted)].filter((name) => !volumes.some((volume) => volume.name === name)).map((name) => ({ name, persistentVolumeClaim: { claimName: `${name}-0` } }));
  const name = `${owner.toLowerCase().replaceAll('/', '-')}-${index}`;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: NAMESPACE, labels }, spec: { ...spec, restartPolicy: spec.restartPolicy, volumes: [...volumes, ...claims] } };
}

describe('a real kube-apiserver', () => {
  it.each(PROFILE_NAMES.filter((name) => name !== 'everything-off'))('[C3] takes everything of %s, and knows every field', async (profile) => {
    const output = await cluster.kubectl(['apply', '--server-side', '--dry-run=server', '--validate=strict', '--force-conflicts', '-o', 'name', '-f', '-'], rendered[profile]);
    expect(output.trim().split('\n')).toHaveLength(rendered[profile]?.length ?? 0);
  });

  it('[W2] lets every pod into a namespace that enforces Pod Security "restricted"', async () => {
    const pods = [...new Map(Object.values(rendered).flatMap(podTemplates).map((template) => [JSON.stringify(template), template])).values()];
    expect(pods.length).toBeGreaterThan(20);
    const output = await cluster.kubectl(['create', '--dry-run=server', '--validate=strict', '-o', 'name', '-f', '-'], pods.map(podOf));
    expect(output.trim().split('\n')).toHaveLength(pods.length);
    const root = podOf({ ...(pods[0] as PodTemplate), spec: { ...pods[0]?.spec, securityContext: {} } }, 0);
    await expect(cluster.kubectl(['create', '--dry-run=server', '-f', '-'], [root])).rejects.toThrow('violates PodSecurity');
  });

  it('[C3] has no finding of kubeconform in any profile', async () => {
    const folder = makeTempFolder('schemas');
    try {
      await writeSchemas(cluster, folder, new Set(everything().map(({ apiVersion }) => apiVersion)));
      const check = (manifests: readonly Manifest[]) => {
        const running = promisify(execFile)(toolPath('kubeconform'), ['-strict', '-summary', '-output', 'json', '-schema-location', join(folder, SCHEMA_PATTERN), '-']);
        running.child.stdin?.end(manifests.map((manifest) => stringify(manifest)).join('---\n'));
        return running.then(({ stdout }) => stdout, (error: { stdout: string }) => error.stdout);
      };
      const { summary, resources = [] } = JSON.parse(await check(everything())) as { summary: Record<string, number>; resources?: object[] };
      expect(resources).toEqual([]);
      expect(summary).toEqual({ valid: everything().length, invalid: 0, errors: 0, skipped: 0 });
      const misspelt = everything().filter(({ kind }) => kind === 'Deployment').map((manifest) => ({ ...manifest, spec: { ...manifest.spec, replica: 2 } })).slice(0, 1);
      expect(await check(misspelt)).toContain('"invalid": 1');
    } finally {
      removeTempFolder(folder);
    }
  });
});

it('[A6] the command of docs/backup.md makes the Job of a restore from the CronJob', async () => {
  onTestFinished(async () => void (await cluster.kubectl(['delete', 'cronjobs,jobs', '--all', '-n', NAMESPACE])));
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], ofKind(rendered['ha'] ?? [], 'CronJob'));
  const [, command = ''] = /^ {3}```\n( {3}kubectl create job [^]*?create -f -)\n/m.exec(readFileSync(join(ROOT, 'docs/backup.md'), 'utf8')) ?? [];
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, PATH: `${dirname(toolPath('kubectl'))}:${process.env['PATH']}` };
  await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', command], { env });
  const { spec } = JSON.parse(await cluster.kubectl(['get', 'job', 'botplane-restore', '-n', NAMESPACE, '-o', 'json'])) as Manifest;
  const [container] = spec.template.spec.containers;
  expect(container).toMatchObject({ image: expect.stringContaining('botplane/backup:'), args: ['restore', expect.stringMatching(/^\/backups\//)] });
  expect(container.env.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(['NATS_URL', 'NATS_STREAM_REPLICAS', 'S3_ENDPOINT', 'DATABASE_URL']));
  expect(spec.template.spec.volumes).toContainEqual({ name: 'backups', persistentVolumeClaim: { claimName: 'botplane-backup' } });
});

describe('Helm against a real kube-apiserver', () => {
  const release = (...args: string[]): Promise<string> => helm(...args, '--kubeconfig', cluster.kubeconfig, '--namespace', NAMESPACE);
  const keys = async (): Promise<string> => cluster.kubectl(['get', 'secret', 'botplane-keys', '-n', NAMESPACE, '-o', 'jsonpath={.data}']);

  /** Runs the operator as the service account that the chart made; returns what it was refused. */
  async function workUnderOwnRights(): Promise<string[]> {
    const token = (await cluster.kubectl(['create', 'token', 'botplane-operator', '-n', NAMESPACE])).trim();
    const operator = await startOperatorAs(cluster, token);
    try {
      // Enough for all of its watches, the lease, the webhook's certificate, and the children of the default pool.
      await expect.poll(async () => cluster.kubectl(['get', 'deployments,networkpolicies,serviceaccounts,poddisruptionbudgets', '-n', NAMESPACE, '-o', 'name'])).toContain('poddisruptionbudget.policy/botrt-default');
      await expect.poll(async () => cluster.kubectl(['get', 'validatingwebhookconfigurations,leases', '-A', '-o', 'name'])).toMatch(/botplane-admission[^]*botplane-operator/);
      return operator.output().split('\n').filter((line) => /forbidden/i.test(line));
    } finally {
      await operator.stop();
    }
  }

  it('[C3] installs, upgrades from one profile to another, rolls back and removes; keys stay what they are, and the operator needs no other rights', async () => {
    await cluster.kubectl(['delete', 'serviceaccounts', '-n', NAMESPACE, '-l', 'app.kubernetes.io/part-of=botplane']);
    await release('install', 'botplane', CHART, '--values', PROFILES.quickstart);
    const first = await keys();
    expect(await workUnderOwnRights()).toEqual([]);
    const nats = (await cluster.kubectl(['get', 'bots,botruntimes,deployments,statefulsets', '-n', NAMESPACE, '-o', 'name'])).trim().split('\n');
    expect(nats).toEqual(expect.arrayContaining(['botruntime.botplane.dev/default', 'deployment.apps/botplane-executor', 'statefulset.apps/botplane-nats']));
    await release('upgrade', 'botplane', CHART, '--values', PROFILES.ha);
    await expect(cluster.kubectl(['get', 'scaledobject', 'botplane-executor', '-n', NAMESPACE])).resolves.toContain('botplane-executor');
    await release('rollback', 'botplane', '1');
    await expect(cluster.kubectl(['get', 'scaledobject', 'botplane-executor', '-n', NAMESPACE])).rejects.toThrow('NotFound');
    await release('upgrade', 'botplane', CHART, '--values', PROFILES.quickstart);
    expect(await keys()).toBe(first);
    await release('uninstall', 'botplane');
    expect(await keys()).toBe(first);
    expect(await cluster.kubectl(['get', 'deployments,networkpolicies,clusterroles', '-A', '-l', 'app.kubernetes.io/part-of=botplane,app.kubernetes.io/managed-by=Helm', '-o', 'name'])).toBe('');
  }, 120_000);
});
