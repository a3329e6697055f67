import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { NAMESPACE } from './cluster.ts';
import { ENFORCED_MS_MAX, ROLLOUT_S_MAX } from './limits.ts';
import { connects } from './probes.ts';
import type { Place, Target } from './probes.ts';

const FOREIGN = 'botplane-test-strangers';
const MONITORING = 'botplane-test-monitoring';
const NAMESPACES = [{ name: FOREIGN, labels: {} }, { name: MONITORING, labels: { 'botplane.dev/monitoring': 'true' } }];

/** Pods that do not belong to the install; as the matrix of tools/charts/test/network.test.ts has them. */
const OUTSIDERS = [
  { name: 'stranger', namespace: FOREIGN, labels: { app: 'shop' } },
  { name: 'impostor', namespace: FOREIGN, labels: { 'app.kubernetes.io/name': 'botplane-executor' } },
  { name: 'prometheus', namespace: MONITORING, labels: { app: 'prometheus' } },
  { name: 'neighbour', namespace: NAMESPACE, labels: { app: 'backup' } },
] as const;
export type Outsider = (typeof OUTSIDERS)[number]['name'];

/** Looks that must agree before they count. */
const IN_A_ROW = 3;

/** Listens on every port that it is given. */
const LISTEN = "for (const port of process.argv.slice(1)) require('node:net').createServer((socket) => socket.destroy()).listen(Number(port))";

/** Makes the outsiders, which listen on `ports`. `image`: one that has Node. */
export async function makeOutsiders(cluster: Cluster, image: string, ports: readonly number[]): Promise<void> {
  await cluster.apply(NAMESPACES.map(({ name, labels }) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'restricted' } } })));
  await cluster.apply(OUTSIDERS.map(({ name, namespace, labels }) => ({
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      // Nobody in particular may listen on low ports, too: a port that nobody listens on would be refused without any policy.
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' }, sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] },
      containers: [{
        name: 'probe', image, command: ['node', '-e', LISTEN, ...ports.map(String)],
        readinessProbe: { tcpSocket: { port: ports.at(-1) } },
        resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { memory: '256Mi' } },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      }],
    },
  })));
  for (const { name, namespace } of OUTSIDERS) await cluster.kubectl(['wait', '--for=condition=Ready', `pod/${name}`, '--namespace', namespace, `--timeout=${ROLLOUT_S_MAX}s`]);
}

export async function removeOutsiders(cluster: Cluster): Promise<void> {
  const remove = (...what: string[]): Promise<string> => cluster.kubectl(['delete', ...what, '--ignore-not-found']);
  await Promise.all([remove('pod', 'neighbour', '--namespace', NAMESPACE), remove('namespace', ...NAMESPACES.map(({ name }) => name))]);
}

/** The outsiders, with their addresses. */
export async function outsiders(cluster: Cluster): Promise<{ name: Outsider; place: Place; address: string }[]> {
  return Promise.all(OUTSIDERS.map(async ({ name, namespace }) => {
    const address = await cluster.kubectl(['get', 'pod', name, '--namespace', namespace, '--output', 'jsonpath={.status.podIP}']);
    return { name, place: { namespace, pod: name, container: 'probe' }, address };
  }));
}

/** Tries whether the cluster enforces NetworkPolicies: one that lets nobody come to an outsider, and another who comes nevertheless. */
export async function enforcesPolicies(cluster: Cluster, port: number): Promise<boolean> {
  const all = await outsiders(cluster);
  const [from, to, control] = (['impostor', 'stranger', 'prometheus'] as const).map((name) => all.find((outsider) => outsider.name === name));
  if (from === undefined || to === undefined || control === undefined) throw new Error('the outsiders are not there');
  const targets: Target[] = [to, control].map(({ address }) => ({ host: address, port }));
  // A busy node answers late, too: only who is refused again and again, while another is reached, is refused by a policy.
  const becomes = async (wanted: readonly [boolean, boolean], withinMs: number): Promise<boolean> => {
    const endMs = Date.now() + withinMs;
    for (let inARow = 0; ; await sleep(500)) {
      const seen = await connects(cluster.kubectl.bind(cluster), from.place, targets);
      inARow = seen.every((is, at) => is === wanted[at]) ? inARow + 1 : 0;
      if (inARow === IN_A_ROW) return true;
      if (Date.now() > endMs) return false;
    }
  };
  // Else a refusal would say nothing.
  if (!(await becomes([true, true], ENFORCED_MS_MAX))) throw new Error('pods do not reach each other even without policies');
  const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'canary', namespace: FOREIGN }, spec: { podSelector: { matchLabels: { app: 'shop' } }, policyTypes: ['Ingress'] } };
  await cluster.apply([policy]);
  const isEnforced = await becomes([false, true], ENFORCED_MS_MAX);
  await cluster.kubectl(['delete', 'networkpolicy', 'canary', '--namespace', FOREIGN]);
  if (isEnforced && !(await becomes([true, true], ENFORCED_MS_MAX))) throw new Error('a policy that is gone is enforced still');
  return isEnforced;
}
