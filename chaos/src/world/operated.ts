import { randomInt } from 'node:crypto';
import { BOTS, BOT_RUNTIMES, K8sClient, LEASES, NAMESPACES, PODS, SECRETS, SERVICE_ACCOUNTS, getCondition, typed } from '@botplane/k8s';
import type { Bot, BotRuntime } from '@botplane/k8s';
import { startControlPlane } from '@botplane/testing';
import type { TestControlPlane } from '@botplane/testing';
import type { ServiceProcess } from './service-process.ts';
import { COUNTING_SPEC, nameTestBots } from './test-bots.ts';
import type { TestBot } from './test-bots.ts';
import type { World } from './world.ts';

const INSTALL_NAMESPACE = 'botplane-system';
const BOT = typed<Bot>(BOTS);

/** Kubernetes and two operators beside a world, for what concerns their work. Runtime pods are one process that a Pod object names. */
export class Operated {
  readonly client: K8sClient;
  private readonly cluster: TestControlPlane;
  private readonly operators: readonly ServiceProcess[];
  private readonly pod: ServiceProcess;

  private constructor(parts: { client: K8sClient; cluster: TestControlPlane; operators: readonly ServiceProcess[]; pod: ServiceProcess }) {
    this.client = parts.client;
    this.cluster = parts.cluster;
    this.operators = parts.operators;
    this.pod = parts.pod;
  }

  static async start(world: World): Promise<Operated> {
    const cluster = await startControlPlane({ crds: true });
    const client = new K8sClient({ kubeconfigPath: cluster.kubeconfig, userAgent: 'chaos' });
    // The operator takes pods to listen on the port that it gives them, so this one has an address of its own.
    const ip = `127.${randomInt(2, 250)}.${randomInt(1, 250)}.${randomInt(1, 250)}`;
    const pod = await world.makeProcess('services/runtime', { name: 'runtime-of-kubernetes', host: ip, env: { GRPC_PORT: '9090', SANDBOX_HOSTS: '1' } });
    await pod.start();
    await makeInstall(client, ip);
    const env = { ...world.operatorEnv(), KUBECONFIG: cluster.kubeconfig, BOTPLANE_NAMESPACE: INSTALL_NAMESPACE, BOTPLANE_RUNTIME_IMAGE: 'botplane/runtime:chaos' };
    const operators = await Promise.all(['operator-a', 'operator-b'].map((name) => world.makeProcess('operator', { name, env: { ...env, POD_NAME: name } })));
    await Promise.all(operators.map((operator) => operator.start()));
    return new Operated({ client, cluster, operators, pod });
  }

  /** Bots as people apply them. */
  async makeBots(world: World): Promise<TestBot[]> {
    const bots = nameTestBots(world);
    const namespaces = new Set(bots.map(({ botId }) => refOf(botId).namespace));
    for (const name of namespaces) await this.client.create(NAMESPACES, { metadata: { name } });
    await Promise.all(bots.map(async ({ botId, token }) => {
      const { namespace, name } = refOf(botId);
      await world.telegram.addBot(token, `b_${token.slice(-12)}`);
      await this.client.create(SECRETS, { metadata: { name, namespace }, stringData: { token } });
      await this.client.create(BOT, { metadata: { name, namespace }, spec: { platform: 'Telegram', tokenSecretRef: { name }, botSpec: COUNTING_SPEC } });
    }));
    return bots;
  }

  /** The same behaviour under another name: another revision, and with it another route. */
  async edit(botId: string, name: string): Promise<void> {
    await this.client.patch(BOT, refOf(botId), { type: 'merge', body: { spec: { botSpec: { ...COUNTING_SPEC, meta: { ...COUNTING_SPEC.meta, name } } } } });
  }

  /** Takes everything away that the operator has noted of a Bot. */
  async loseStatus(botId: string): Promise<void> {
    await this.client.patch(BOT, refOf(botId), { type: 'merge', body: { status: null } }, { subresource: 'status' });
  }

  /** This generation serves, and this is on record. */
  async isReady(botId: string): Promise<boolean> {
    const bot = await this.client.get(BOT, refOf(botId));
    const ready = getCondition(bot?.status?.conditions, 'Ready');
    return ready?.status === 'True' && ready.observedGeneration === bot?.metadata.generation;
  }

  /** The operator that holds the lease. */
  async leader(): Promise<ServiceProcess | undefined> {
    const lease = await this.client.get(LEASES, { namespace: INSTALL_NAMESPACE, name: 'botplane-operator' });
    const { holderIdentity } = (lease as { spec?: { holderIdentity?: string } } | undefined)?.spec ?? {};
    return this.operators.find(({ name }) => name === holderIdentity);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.operators.map((operator) => operator.stop()), this.pod.stop()]);
    await this.client.close();
    await this.cluster.stop();
  }
}

const refOf = (botId: string): { namespace: string; name: string } => {
  const [namespace = '', name = ''] = botId.split('_');
  return { namespace, name };
};

async function makeInstall(client: K8sClient, ip: string): Promise<void> {
  await client.create(NAMESPACES, { metadata: { name: INSTALL_NAMESPACE } });
  await client.create(typed<BotRuntime>(BOT_RUNTIMES), { metadata: { name: 'default', namespace: INSTALL_NAMESPACE }, spec: { allowedNamespaces: { from: 'All' } } });
  const pod = { metadata: { name: 'runtime', namespace: INSTALL_NAMESPACE, labels: { 'app.kubernetes.io/name': 'botplane-runtime', 'botplane.dev/runtime': 'default' } }, spec: { automountServiceAccountToken: false, containers: [{ name: 'runtime', image: 'botplane/runtime:chaos' }] } };
  // Nobody but kube-controller-manager would make it, and no pod goes without.
  await client.create(SERVICE_ACCOUNTS, { metadata: { name: 'default', namespace: INSTALL_NAMESPACE } });
  await client.create(PODS, pod);
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() }];
  await client.patch(PODS, { namespace: INSTALL_NAMESPACE, name: 'runtime' }, { type: 'strategic', body: { status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions } } }, { subresource: 'status' });
}
