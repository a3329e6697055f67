import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flowsOf, isExpected, nameOf } from '../../tools/charts/test/support/flows.ts';
import type { End, Flow } from '../../tools/charts/test/support/flows.ts';
import { parseManifests } from '../../tools/charts/test/support/helm.ts';
import { Cluster, NAMESPACE } from '../src/cluster/cluster.ts';
import { AGREED_MS_MAX, HELPER_MS } from '../src/cluster/limits.ts';
import { enforcesPolicies, makeOutsiders, outsiders, removeOutsiders } from '../src/cluster/outsiders.ts';
import { connects, listeningPorts, nameServer } from '../src/cluster/probes.ts';
import type { Place } from '../src/cluster/probes.ts';

/** Servers whose images have no Node to probe with. */
const NODELESS = ['nats', 'postgres', 's3'];
const HELPER = 'network-probe';

interface Member extends End {
  readonly address: string;
  /** Ports on which it listens. */
  readonly ports: readonly number[];
  /** Where its connections begin; absent for what is no pod of ours. */
  readonly place?: Place;
}

interface Probe {
  readonly from: Member & { readonly place: Place };
  readonly to: Member;
  readonly port: number;
}

interface RunningPod {
  metadata: { name: string; labels: Record<string, string>; deletionTimestamp?: string };
  spec: { containers: { name: string; image: string; ports?: { containerPort: number; protocol?: string }[] }[] };
  status: { podIP: string; conditions?: { type: string; status: string }[] };
}

/** The same table as for the rendered policies (tools/charts/test/network.test.ts), tried with connections. */
describe('[W2] in the network of the cluster', () => {
  const cluster = new Cluster();
  const kubectl = cluster.kubectl.bind(cluster);
  let isEnforced = false;
  let flows: Flow[] = [];
  let pods: RunningPod[] = [];
  let members: Member[] = [];

  beforeAll(async () => {
    flows = flowsOf(parseManifests(await cluster.helm(['get', 'manifest', 'botplane'])));
    pods = await readyPods();
    const ports = [22, ...new Set(flows.map(({ port }) => port))];
    const image = pods.find(({ metadata }) => nameOf(metadata.labels) === 'api')?.spec.containers[0]?.image ?? '';
    await makeOutsiders(cluster, image, ports);
    isEnforced = await enforcesPolicies(cluster, ports[0] ?? 0);
    if (!isEnforced) process.stdout.write('cluster network: SKIPPED, the cluster does not enforce NetworkPolicies: a pod reached another although a policy says no\n');
    else members = await allMembers();
  });
  afterAll(() => removeOutsiders(cluster));

  it('every pod reaches exactly those that docs/flows.md says, on every port that anybody listens on', async ({ skip }) => {
    skip(!isEnforced, 'the cluster does not enforce NetworkPolicies');
    const probes = allProbes();
    const expected = ({ from, to, port }: Probe): boolean => isExpected(flows, from, to, port);
    let wrong = probes;
    for (const endMs = Date.now() + AGREED_MS_MAX; wrong.length > 0 && Date.now() < endMs; await sleep(1_000)) wrong = await disagreeing(wrong, expected);
    const allowed = probes.filter(expected).length;
    process.stdout.write(`cluster network: ${members.length} ends, ${probes.length} connections tried, ${allowed} to be allowed, ${wrong.length} not as docs/flows.md says\n`);
    expect(wrong.map((probe) => `${probe.from.name} -> ${probe.to.name}:${probe.port} is ${expected(probe) ? 'refused' : 'allowed'}`)).toEqual([]);
    expect(allowed).toBeGreaterThan(30);
    expect(probes.length - allowed).toBeGreaterThan(100);
  });

  it('every declared port is listened on, and every flow between ends that are there was tried', ({ skip }) => {
    skip(!isEnforced, 'the cluster does not enforce NetworkPolicies');
    for (const { metadata, spec, status } of pods) {
      const declared = spec.containers.flatMap(({ ports = [] }) => ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP').map(({ containerPort }) => containerPort));
      expect(members.find(({ address }) => address === status.podIP)?.ports, metadata.name).toEqual(expect.arrayContaining(declared));
    }
    const probes = allProbes();
    const untried = flows.filter((flow) => !probes.some(({ from, to, port }) => isExpected([flow], from, to, port)));
    const hasEnds = (flow: Flow): boolean => members.some((from) => from.place !== undefined && members.some((to) => to !== from && isExpected([flow], from, to, flow.port)));
    process.stdout.write(`cluster network: an end is not there for ${untried.map(({ from, to, port }) => `${from} -> ${to}:${port}`).join(', ')}\n`);
    expect(untried.filter(hasEnds)).toEqual([]);
  });

  async function readyPods(): Promise<RunningPod[]> {
    const { items } = JSON.parse(await kubectl(['get', 'pods', '--namespace', NAMESPACE, '--selector', 'app.kubernetes.io/part-of=botplane', '--output', 'json'])) as { items: RunningPod[] };
    return items.filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'));
  }

  async function allMembers(): Promise<Member[]> {
    const own = await Promise.all(pods.map(async ({ metadata, spec, status }): Promise<Member> => {
      const name = nameOf(metadata.labels);
      const place = { namespace: NAMESPACE, pod: metadata.name, container: NODELESS.includes(name) ? await helperOf(metadata.name) : (spec.containers[0]?.name ?? '') };
      return { name, isOutside: false, isPod: true, address: status.podIP, ports: await listeningPorts(kubectl, place), place };
    }));
    const others = await Promise.all((await outsiders(cluster)).map(async ({ name, place, address }): Promise<Member> => ({ name, isOutside: true, isPod: true, address, ports: await listeningPorts(kubectl, place), place })));
    const dns = await nameServer(kubectl, others[0]?.place ?? expect.fail('no outsiders'));
    const apiServer = await kubectl(['get', 'service', 'kubernetes', '--namespace', 'default', '--output', 'jsonpath={.spec.clusterIP}']);
    return [...own, ...others, { name: 'dns', isOutside: true, isPod: true, address: dns, ports: [53] }, { name: 'kube-apiserver', isOutside: true, isPod: false, address: apiServer, ports: [443] }];
  }

  /** A container with Node in the network of a pod that has none; it ends by itself. */
  async function helperOf(pod: string): Promise<string> {
    const image = pods.find(({ metadata }) => nameOf(metadata.labels) === 'api')?.spec.containers[0]?.image ?? '';
    await kubectl(['debug', pod, '--namespace', NAMESPACE, '--profile=restricted', `--image=${image}`, '--image-pull-policy=IfNotPresent', `--container=${HELPER}`, '--quiet', '--', 'node', '-e', `setTimeout(() => {}, ${HELPER_MS})`]);
    await kubectl(['wait', `pod/${pod}`, '--namespace', NAMESPACE, '--for=jsonpath={.status.ephemeralContainerStatuses[0].state.running}', '--timeout=60s']);
    return HELPER;
  }

  /** Every pair with an end that belongs to the install, on every port where the target listens. */
  function allProbes(): Probe[] {
    const sources = members.flatMap((member) => (member.place === undefined ? [] : [{ ...member, place: member.place }]));
    return sources.flatMap((from) => members.filter((to) => to.address !== from.address && !(from.isOutside && to.isOutside)).flatMap((to) => to.ports.map((port) => ({ from, to, port }))));
  }

  /** Those that were not as they are expected to be. All connections of a pod are tried at once. */
  async function disagreeing(probes: readonly Probe[], expected: (probe: Probe) => boolean): Promise<Probe[]> {
    const sources = new Set(probes.map(({ from }) => from));
    const found = await Promise.all([...sources].map(async (from) => {
      const own = probes.filter((probe) => probe.from === from);
      const answers = await connects(kubectl, from.place, own.map(({ to, port }) => ({ host: to.address, port })));
      return own.filter((probe, index) => answers[index] !== expected(probe));
    }));
    return found.flat();
  }
});
