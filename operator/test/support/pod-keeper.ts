import { K8sClient, PODS, Reflector, isNotFound } from '@botplane/k8s';
import type { Pod } from '@botplane/k8s';

/** Stands in for a kubelet: pods of runtimes become Ready at the given address, and go when they are deleted. */
export class PodKeeper {
  ready = true;
  private readonly client: K8sClient;
  private readonly reflector: Reflector<Pod>;
  private readonly podIp: string;

  constructor(kubeconfigPath: string, podIp: string) {
    this.client = new K8sClient({ kubeconfigPath });
    this.podIp = podIp;
    this.reflector = new Reflector(this.client, PODS, { labelSelector: 'botplane.dev/runtime' });
    const keep = (pod: Pod): void => void this.keep(pod).catch((error: unknown) => { if (!isNotFound(error)) throw error; });
    this.reflector.addHandler({ onAdd: keep, onUpdate: keep });
    this.reflector.start();
  }

  /** Makes all pods ready, or not. */
  async setReady(ready: boolean): Promise<void> {
    this.ready = ready;
    await Promise.all(this.reflector.store.list().map((pod) => this.keep(pod)));
  }

  async stop(): Promise<void> {
    await this.reflector.stop();
    await this.client.close();
  }

  private async keep(pod: Pod): Promise<void> {
    const { name, namespace = '', deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) {
      await this.client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0 });
      return;
    }
    const wanted = this.ready ? 'True' : 'False';
    if (pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === wanted)) return;
    const conditions = [{ type: 'Ready', status: wanted, lastTransitionTime: new Date().toISOString() }];
    await this.client.patch(PODS, { namespace, name }, { type: 'strategic', body: { status: { phase: 'Running', podIP: this.podIp, podIPs: [{ ip: this.podIp }], conditions } } }, { subresource: 'status' });
  }
}
