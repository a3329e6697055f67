import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DASHBOARDS } from '../src/monitoring/dashboards/all.ts';
import { COMMON_LABELS, goldenText } from './support/golden.ts';
import { CHART, PROFILES, PROFILE_NAMES, helm, render, renderProfile } from './support/helm.ts';
import type { Profile } from './support/helm.ts';
import { find, idOf, ofKind, podTemplates } from './support/manifest.ts';
import type { Manifest } from './support/manifest.ts';

const rendered = new Map<Profile, Manifest[]>();
const get = (profile: Profile): Manifest[] => rendered.get(profile) ?? [];
beforeAll(async () => {
  await Promise.all(PROFILE_NAMES.map(async (profile) => rendered.set(profile, await renderProfile(profile))));
});

/** The error of a render with further values. */
const refusal = (profile: Profile, ...sets: string[]): Promise<string> => renderProfile(profile, ...sets).then(() => 'taken', (error: { stderr: string }) => error.stderr);

describe('what is rendered', () => {
  it.each(PROFILE_NAMES)('[C3] %s is as in its golden file', async (profile) => {
    await expect(goldenText(get(profile))).toMatchFileSnapshot(join(import.meta.dirname, `golden/${profile}.yaml`));
  });

  it('bears the common labels everywhere, and no name twice', () => {
    for (const profile of PROFILE_NAMES) {
      const ids = get(profile).map((manifest) => `${idOf(manifest)}${manifest.metadata.annotations?.['helm.sh/hook'] ?? ''}`);
      expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
      for (const manifest of get(profile)) expect(Object.keys(manifest.metadata.labels ?? {}), idOf(manifest)).toEqual(expect.arrayContaining(COMMON_LABELS));
    }
  });

  it('is nothing at all with everything off, and one service when that is switched on', async () => {
    expect(get('everything-off')).toEqual([]);
    const args = ['--values', PROFILES['everything-off'], '--values', PROFILES.default];
    const one = await render([...args, '--set', 'executor.enabled=true']);
    expect(one.map(idOf).toSorted()).toEqual(['Deployment/botplane-executor', 'PodDisruptionBudget/botplane-executor', 'ServiceAccount/botplane-executor']);
  });

  it('keeps what was made by chance, when it is uninstalled', () => {
    const secrets = ofKind(get('quickstart'), 'Secret');
    expect(secrets.map(({ metadata }) => metadata.name).toSorted()).toEqual(['botplane-keys', 'botplane-postgres', 'botplane-s3']);
    for (const { metadata } of secrets) expect(metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' });
  });

  it('makes keys of the form that the services ask for', () => {
    const { data } = find(get('quickstart'), 'Secret', 'botplane-keys');
    const value = (key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString();
    expect(Buffer.from(value('token-key'), 'base64')).toHaveLength(32);
    expect(Buffer.from(value('secrets-key'), 'base64')).toHaveLength(32);
    expect(value('api-admin-key')).toMatch(/^bp_[0-9a-z]{16}_[A-Za-z0-9_-]{43,}$/);
  });

  it('tells the next command', async () => {
    const notes = await helm('install', 'botplane', CHART, '--namespace', 'x', '--dry-run=client', '--values', PROFILES.quickstart);
    expect(notes.split('NOTES:')[1]).toContain('helm test botplane -n x');
  });

  it('is without findings in helm lint', async () => {
    for (const profile of PROFILE_NAMES) expect(await helm('lint', CHART, '--strict', '--values', PROFILES[profile])).toContain('0 chart(s) failed');
  });
});

describe('pods', () => {
  const all = (): { profile: Profile; owner: string; spec: Manifest['spec'] }[] => PROFILE_NAMES.flatMap((profile) => podTemplates(get(profile)).map((pod) => ({ profile, ...pod })));

  it('have as much time as preStop and the service may take, and more', () => {
    for (const { owner, spec } of all().filter(({ owner: name }) => name.startsWith('Deployment/'))) {
      const [container] = spec.containers;
      const shutdownMs = Number(container.env.find(({ name }: { name: string }) => name === 'SHUTDOWN_MS_MAX').value);
      const preStopSeconds = container.lifecycle?.preStop.sleep.seconds ?? 0;
      expect(spec.terminationGracePeriodSeconds, owner).toBeGreaterThan(preStopSeconds + shutdownMs / 1_000);
    }
    const ingress = find(get('default'), 'Deployment', 'botplane-ingress').spec.template.spec.containers[0];
    expect(ingress.lifecycle.preStop.sleep.seconds, 'what is called by name leaves the endpoints before it ends').toBeGreaterThan(0);
  });

  it('[W2] get secrets by reference only, and only the keys that they open', () => {
    const keysOf = (name: string): string[] => find(get('default'), 'Deployment', `botplane-${name}`).spec.template.spec.volumes
      .flatMap(({ secret }: { secret?: { items: { key: string }[] } }) => secret?.items.map(({ key }) => key) ?? []);
    expect({ operator: keysOf('operator'), ingress: keysOf('ingress'), executor: keysOf('executor'), delivery: keysOf('delivery'), api: keysOf('api') }).toEqual({
      operator: ['token-key', 'secrets-key'], ingress: ['token-key'], executor: ['secrets-key'], delivery: ['token-key'], api: ['api-admin-key'],
    });
    for (const { owner, spec } of all()) {
      const values = spec.containers.flatMap(({ env = [] }: { env?: { name: string; value?: string }[] }) => env.filter(({ value }) => value !== undefined));
      const suspicious = values.filter(({ name, value }: { name: string; value: string }) => /(KEY|SECRET|PASSWORD|TOKEN|DATABASE_URL)$/.test(name) && !value.startsWith('/'));
      expect(suspicious, owner).toEqual([]);
    }
  });

  it('have a service account token only where the Kubernetes API is called', () => {
    const withToken = all().filter(({ spec }) => spec.automountServiceAccountToken !== false).map(({ owner }) => owner);
    expect([...new Set(withToken)]).toEqual(expect.arrayContaining(['Deployment/botplane-operator', 'Pod/botplane-test']));
    expect(new Set(withToken).size).toBe(2);
  });

  it('go where their values send them, those of backups too', async () => {
    const placement = { nodeSelector: { disk: 'large' }, tolerations: [{ key: 'storage', operator: 'Exists' }], affinity: { podAffinity: {} }, priorityClassName: 'low' };
    const manifests = await renderProfile('default', `executor=${JSON.stringify(placement)}`, `backup=${JSON.stringify({ enabled: true, ...placement })}`);
    const placed = podTemplates(manifests).filter(({ spec }) => spec.priorityClassName !== undefined);
    expect(placed.map(({ owner }) => owner).toSorted()).toEqual(['CronJob/botplane-backup', 'Deployment/botplane-executor']);
    for (const { spec } of placed) expect(spec).toMatchObject(placement);
  });

  it('are probed, and bounded in memory', () => {
    for (const { owner, spec } of all().filter(({ owner: name }) => !name.startsWith('Pod/'))) {
      const endsItself = owner.startsWith('CronJob/');
      if (!endsItself) for (const container of spec.containers) expect(Object.keys(container), owner).toEqual(expect.arrayContaining(['startupProbe', 'readinessProbe', 'livenessProbe']));
      for (const container of spec.containers) expect(container.resources.limits.memory, owner).toBeDefined();
    }
  });
});

describe('monitoring', () => {
  it('[P10] reaches every pod of an install, each by exactly one monitor', () => {
    const manifests = get('monitored');
    const chosenBy = (labels: Readonly<Record<string, string>>, selector: Readonly<Record<string, string>>): boolean => Object.entries(selector).every(([key, value]) => labels[key] === value);
    const services = ofKind(manifests, 'Service').filter(({ spec }) => spec.ports.some(({ name }: { name: string }) => name === 'http'));
    const monitors = ofKind(manifests, 'ServiceMonitor');
    for (const { owner, labels } of podTemplates(manifests).filter((pod) => pod.owner.startsWith('Deployment/'))) {
      const reaching = monitors.filter(({ spec }) => services.some((service) => chosenBy(service.metadata.labels ?? {}, spec.selector.matchLabels) && chosenBy(labels, service.spec.selector)));
      expect(reaching.map(({ metadata }) => `Deployment/${metadata.name}`)).toEqual([owner]);
    }
    expect(find(manifests, 'PodMonitor', 'botplane-runtime').spec).toMatchObject({ namespaceSelector: { any: true }, selector: { matchLabels: { 'app.kubernetes.io/name': 'botplane-runtime' } } });
  });

  it('[P10] hands every dashboard to Grafana, with links to where the runbooks are', async () => {
    const manifests = await renderProfile('monitored', 'global.monitoring.runbooksUrl="https://wiki.example.com"');
    const maps = ofKind(manifests, 'ConfigMap').filter(({ metadata }) => metadata.labels?.['grafana_dashboard'] === '1');
    const files = maps.flatMap(({ data }) => Object.entries(data ?? {}).map(([name, text]) => [name, JSON.parse(text) as { uid: string }] as const));
    expect(Object.fromEntries(files.map(([name, { uid }]) => [name, uid]))).toEqual(Object.fromEntries(DASHBOARDS.map(({ slug }) => [`${slug}.json`, `botplane-${slug}`])));
    expect(JSON.stringify(files)).toContain('"https://wiki.example.com/BotplaneLag.md"');
    expect(JSON.stringify(files)).not.toContain('docs/runbooks');
  });

  it('makes nothing for those who have no Prometheus operator', () => {
    expect(ofKind(get('quickstart'), 'ServiceMonitor', 'PodMonitor', 'PrometheusRule')).toEqual([]);
    expect(find(get('ha'), 'Service', 'botplane-executor').spec).toMatchObject({ clusterIP: 'None' });
    expect(ofKind(get('quickstart'), 'Service').map(({ metadata }) => metadata.name)).not.toContain('botplane-executor');
  });

  it('looks for runtime pods only where the operator may make some', async () => {
    const own = await renderProfile('minimal', 'global.monitoring.monitors.enabled=true');
    expect(find(own, 'PodMonitor', 'botplane-runtime').spec.namespaceSelector).toBeUndefined();
  });
});

describe('scaling', () => {
  const scaled = (manifests: readonly Manifest[]): Map<string, string[]> => {
    const found = new Map<string, string[]>();
    const add = (target: string, by: string): void => void found.set(target, [...(found.get(target) ?? []), by]);
    for (const manifest of manifests) {
      if (manifest.kind === 'Deployment' && manifest.spec.replicas !== undefined) add(manifest.metadata.name, 'replicas');
      if (manifest.kind === 'BotRuntime' && manifest.spec.replicas !== undefined) add(manifest.metadata.name, 'replicas');
      if (manifest.kind === 'HorizontalPodAutoscaler' || manifest.kind === 'ScaledObject') add(manifest.spec.scaleTargetRef.name, manifest.kind);
    }
    return found;
  };

  it('[C3] has exactly one master per service', () => {
    for (const profile of PROFILE_NAMES) {
      const masters = scaled(get(profile));
      for (const { metadata } of ofKind(get(profile), 'Deployment', 'BotRuntime')) expect(masters.get(metadata.name), `${profile} ${metadata.name}`).toHaveLength(1);
    }
    expect(Object.fromEntries(scaled(get('ha')))).toMatchObject({ 'botplane-executor': ['ScaledObject'], 'botplane-delivery': ['ScaledObject'], 'botplane-ingress': ['HorizontalPodAutoscaler'], default: ['HorizontalPodAutoscaler'] });
  });

  it('makes no more executors than there are partitions', async () => {
    expect(await refusal('default', 'executor.autoscaling.maxReplicas=65')).toMatch(/maximum|65/);
    expect(await refusal('default', 'executor.replicas=65')).toMatch(/maximum|65/);
    expect(await refusal('default', 'executor.autoscaling={"type":"CPU","minReplicas":9,"maxReplicas":3}')).toContain('minReplicas must not be above');
  });
});

describe('values', () => {
  it('[C6] that are misspelt or of the wrong type are refused by name', async () => {
    const bad: [string, string][] = [
      ['globall={}', 'globall'], ['global.natss={}', 'natss'], ['executor.replica=2', 'replica'], ['ingress.expose.ingres={}', 'ingres'], ['executor.replicas="two"', 'replicas'],
      ['global.logLevel="loud"', 'logLevel'], ['global.webhook.url="bots.example.com"', 'url'], ['executor.egressRoutes=[{"host":"a.b"}]', 'egressRoutes'],
      ['simulator.bots=[{"tokn":"1"}]', 'bots'], ['nats.replicas=2', 'replicas'], ['global.keys.secretName=""', 'secretName'],
    ];
    const answers = await Promise.all(bad.map(async ([set, word]) => [set, (await refusal('quickstart', set)).includes(word)]));
    expect(answers.filter(([, named]) => named !== true)).toEqual([]);
  });

  it('that are missing are all named at once', async () => {
    const text = await render([]).then(() => 'taken', (error: { stderr: string }) => error.stderr);
    for (const path of ['global.nats.url', 'global.s3.endpoint', 'global.s3.secret.name', 'global.webhook.host', 'profiles/quickstart.yaml']) expect(text).toContain(path);
  });

  it('cannot ask for more copies of a stream than there are servers', async () => {
    expect(await refusal('quickstart', 'global.nats.streamReplicas=3')).toContain('streams cannot have more copies');
  });
});

describe('rights', () => {
  const rulesOf = (profile: Profile): Manifest['rules'] => get(profile).flatMap((manifest) => manifest.rules ?? []);

  it('[W2] name resources and verbs, never all of them', () => {
    for (const profile of PROFILE_NAMES) expect(JSON.stringify(rulesOf(profile))).not.toContain('*');
  });

  it('[W2] stay in the namespace in scope Namespace', () => {
    expect(ofKind(get('minimal'), 'ClusterRole', 'ClusterRoleBinding')).toEqual([]);
    expect(JSON.stringify(rulesOf('minimal'))).not.toMatch(/namespaces"|validatingwebhook/);
    expect(find(get('minimal'), 'Role', 'botplane-operator').rules).toBeDefined();
    expect(find(get('minimal'), 'Deployment', 'botplane-operator').spec.template.spec.containers[0].env).toContainEqual({ name: 'BOTPLANE_SCOPE', value: 'Namespace' });
  });

  it('let who edits a namespace run bots, but not make pools', () => {
    const edit = find(get('default'), 'ClusterRole', 'botplane-edit');
    expect(edit.metadata.labels).toMatchObject({ 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' });
    expect(edit.rules?.flatMap(({ resources }) => resources)).toEqual(['bots', 'botrevisions']);
    expect(find(get('default'), 'ClusterRole', 'botplane-admin').rules?.flatMap(({ resources }) => resources)).toContain('botruntimes');
  });
});

it('keeps the GitOps examples out of the package', () => {
  expect(readFileSync(join(CHART, '.helmignore'), 'utf8').split('\n')).toContain('gitops/');
});
