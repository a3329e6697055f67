import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { flowsOf, isExpected, nameOf } from './support/flows.ts';
import type { End } from './support/flows.ts';
import { NAMESPACE, ROOT, parseManifests, renderProfile } from './support/helm.ts';
import { ofKind, podTemplates } from './support/manifest.ts';
import type { Manifest } from './support/manifest.ts';
import { isAllowed } from './support/network-policies.ts';
import type { Endpoint } from './support/network-policies.ts';

/** All ports that anything listens on, and two that nothing does. */
const PORTS = [22, 53, 80, 443, 4222, 4318, 5432, 6222, 6443, 7070, 8080, 8222, 9090, 9443];

const namespace = (name: string, labels: Record<string, string> = {}) => ({ name, labels: { 'kubernetes.io/metadata.name': name, ...labels } });
const HOME = namespace(NAMESPACE);
const TENANT = namespace('tenant');

/** What does not belong to an install. */
const OUTSIDE: readonly Endpoint[] = [
  { name: 'dns', address: '10.1.0.2', namespace: namespace('kube-system'), labels: { 'k8s-app': 'kube-dns' } },
  { name: 'prometheus', address: '10.1.0.3', namespace: namespace('monitoring', { 'botplane.dev/monitoring': 'true' }), labels: { app: 'prometheus' } },
  { name: 'stranger', address: '10.1.0.4', namespace: TENANT, labels: { app: 'shop' } },
  { name: 'impostor', address: '10.1.0.5', namespace: TENANT, labels: { 'app.kubernetes.io/name': 'botplane-executor' } },
  { name: 'neighbour', address: '10.1.0.6', namespace: HOME, labels: { app: 'backup' } },
  { name: 'node', address: '172.18.0.2' },
  { name: 'metadata-service', address: '169.254.169.254' },
  { name: 'public', address: '149.154.167.220' },
  { name: 'public', address: '2001:67c:4e8:f004::9' },
];
const endOf = ({ name, labels }: Endpoint): End => ({ name, isOutside: OUTSIDE.some((endpoint) => endpoint.name === name), isPod: labels !== undefined });

/** The policy that the operator makes for a pool; its own test keeps the file true. */
function runtimePolicy(of: string): Manifest {
  const children = parseManifests(readFileSync(join(ROOT, 'operator/src/controllers/bot-runtime/testdata/children.yaml'), 'utf8'));
  const policy = children.find(({ spec }) => spec?.policyTypes !== undefined);
  if (!policy) throw new Error('the operator makes no NetworkPolicy for runtime pods');
  return { ...policy, kind: 'NetworkPolicy', metadata: { ...policy.metadata, namespace: of } };
}

const runtimePod = (home: typeof HOME, address: string): Endpoint =>
  ({ name: 'runtime', address, namespace: home, labels: { 'app.kubernetes.io/name': 'botplane-runtime', 'app.kubernetes.io/part-of': 'botplane', 'botplane.dev/runtime': 'default' } });

interface Install {
  readonly endpoints: readonly Endpoint[];
  readonly policies: readonly Manifest[];
}

function installOf(manifests: readonly Manifest[]): Install {
  const pods = podTemplates(manifests).map(({ labels }, index): Endpoint => ({ name: nameOf(labels), address: `10.2.0.${index + 1}`, namespace: HOME, labels }));
  return {
    endpoints: [...pods, runtimePod(HOME, '10.2.1.1'), runtimePod(TENANT, '10.2.1.2'), ...OUTSIDE],
    policies: [...ofKind(manifests, 'NetworkPolicy'), runtimePolicy(NAMESPACE), runtimePolicy(TENANT.name)],
  };
}

it.each([
  ['default', []], ['quickstart', []], ['ha', []], ['minimal', []], ['monitored', []], ['quickstart', ['backup.enabled=true']],
] as const)('[W2] the policies of %s %j allow exactly the flows of docs/flows.md', async (profile, sets) => {
  const manifests = await renderProfile(profile, ...sets);
  const { endpoints, policies } = installOf(manifests);
  const flows = flowsOf(manifests);
  const wrong: string[] = [];
  let allowed = 0;
  for (const from of endpoints) {
    for (const to of endpoints) {
      if (endOf(from).isOutside && endOf(to).isOutside) continue;
      for (const port of PORTS) {
        const is = isAllowed(policies, from, to, port);
        if (is) allowed += 1;
        if (is !== isExpected(flows, endOf(from), endOf(to), port)) wrong.push(`${from.name} -> ${to.name}:${port} is ${is ? 'allowed' : 'refused'}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(allowed).toBeGreaterThan(30);
});

it('[W2] runtime pods reach nobody, on no port and by no protocol', async () => {
  const { endpoints, policies } = installOf(await renderProfile('quickstart'));
  const pods = endpoints.filter(({ name }) => name === 'runtime');
  expect(pods).toHaveLength(2);
  for (const from of pods) for (const to of endpoints) for (const port of PORTS) for (const protocol of ['TCP', 'UDP']) expect(isAllowed(policies, from, to, port, protocol), `${to.name}:${port}/${protocol}`).toBe(false);
});

it('[W2] peers that values name narrow what is outside', async () => {
  const { endpoints, policies } = installOf(await renderProfile('other-choices'));
  const at = (name: string): Endpoint => {
    const found = endpoints.find((endpoint) => endpoint.name === name);
    if (!found) throw new Error(`no endpoint ${name}`);
    return found;
  };
  const pod = (home: string): Endpoint => ({ name: home, address: '10.3.0.1', namespace: namespace(home), labels: { app: home } });
  const reaches = (from: string, to: Endpoint, port: number): boolean => isAllowed(policies, at(from), to, port);
  expect([reaches('executor', pod('nats'), 4222), reaches('executor', pod('nats'), 4333), reaches('executor', at('stranger'), 4222)]).toEqual([true, true, false]);
  expect([reaches('delivery', pod('storage'), 9000), reaches('delivery', pod('storage'), 443), reaches('delivery', at('stranger'), 9000)]).toEqual([true, false, false]);
  expect([reaches('api', pod('databases'), 5432), reaches('api', at('stranger'), 5432)]).toEqual([true, false]);
  expect([reaches('ingress', pod('observability'), 4318), reaches('api', pod('observability'), 4317), reaches('api', at('stranger'), 4318)]).toEqual([true, false, false]);
  const apiServer: Endpoint = { name: 'kube-apiserver', address: '192.0.2.10' };
  expect([reaches('operator', apiServer, 6443), reaches('operator', at('node'), 6443)]).toEqual([true, false]);
  expect([reaches('executor', pod('shop'), 80), reaches('executor', at('stranger'), 80)]).toEqual([true, false]);
});

it('[W2] a backup goes nowhere for what it leaves out', async () => {
  const { endpoints, policies } = installOf(await renderProfile('quickstart', 'backup={"enabled":true,"parts":["nats"]}'));
  const at = (name: string): Endpoint => endpoints.find((endpoint) => endpoint.name === name) ?? expect.fail(`no endpoint ${name}`);
  const reached = [['nats', 4222], ['s3', 7070], ['postgres', 5432]] as const;
  expect(reached.filter(([name, port]) => isAllowed(policies, at('backup'), at(name), port))).toEqual([['nats', 4222]]);
});

it('answers DNS over UDP and TCP', async () => {
  const { endpoints, policies } = installOf(await renderProfile('default'));
  const dns = endpoints.find(({ name }) => name === 'dns');
  for (const from of endpoints.filter(({ name }) => ['operator', 'api'].includes(name))) for (const protocol of ['UDP', 'TCP']) expect(isAllowed(policies, from, dns as Endpoint, 53, protocol)).toBe(true);
});
