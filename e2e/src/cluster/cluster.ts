import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { toolPath } from '@botplane/bootstrap';
import { ROOT } from '../environment.ts';
import { OUTPUT_BYTES_MAX, ROLLOUT_S_MAX } from './limits.ts';

const run = promisify(execFile);

/** Namespace of the install under test. */
export const NAMESPACE = 'botplane';
/** Namespace of the shop that examples call. */
export const SHOP_NAMESPACE = 'shop';

export interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string };
  status: { podIP?: string; phase: string; conditions?: { type: string; status: string }[]; containerStatuses?: { restartCount: number }[] };
}

/** The cluster that tools/test/cluster.mjs names in the environment, by kubectl and Helm. */
export class Cluster {
  readonly context: string;
  /** Files of values that this cluster needs. */
  readonly values: readonly string[];

  constructor() {
    const context = process.env['CLUSTER_CONTEXT'] ?? '';
    if (context === '') throw new Error('CLUSTER_CONTEXT is not set: run `make test-cluster`');
    this.context = context;
    this.values = (process.env['CLUSTER_VALUES'] ?? '').split(',').filter((file) => file !== '');
  }

  async kubectl(args: readonly string[], input?: string): Promise<string> {
    const child = run(toolPath('kubectl'), ['--context', this.context, ...args], { cwd: ROOT, maxBuffer: OUTPUT_BYTES_MAX, timeout: (ROLLOUT_S_MAX + 30) * 1_000 });
    if (input !== undefined) child.child.stdin?.end(input);
    return (await child).stdout;
  }

  async apply(objects: readonly object[]): Promise<void> {
    await this.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  }

  async helm(args: readonly string[]): Promise<string> {
    const { stdout } = await run(toolPath('helm'), [...args, '--kube-context', this.context, '--namespace', NAMESPACE], { cwd: ROOT, maxBuffer: OUTPUT_BYTES_MAX, timeout: (ROLLOUT_S_MAX + 30) * 1_000 });
    return stdout;
  }

  /** Pods of a service of the install, those that end included. `runtime`: of all pools. */
  async pods(service: string): Promise<Pod[]> {
    const text = await this.kubectl(['get', 'pods', '--namespace', NAMESPACE, '--selector', `app.kubernetes.io/name=botplane-${service}`, '--output', 'json']);
    return (JSON.parse(text) as { items: Pod[] }).items;
  }

  /** Sets the number of pods of a service and waits until exactly these run. */
  async scale(service: string, replicas: number): Promise<void> {
    const target = service === 'runtime' ? 'botruntime/default' : `deployment/botplane-${service}`;
    await this.kubectl(['scale', target, '--namespace', NAMESPACE, `--replicas=${replicas}`]);
    await this.untilPods(service, replicas);
  }

  /** Waits until a service has so many pods, all of them Ready and none that ends. */
  async untilPods(service: string, count: number): Promise<Pod[]> {
    const endMs = Date.now() + ROLLOUT_S_MAX * 1_000;
    for (;;) {
      const pods = await this.pods(service);
      if (pods.length === count && pods.every(isReady)) return pods;
      if (Date.now() > endMs) throw new Error(`${service}: not ${count} Ready pods after ${ROLLOUT_S_MAX} s: ${JSON.stringify(pods.map(({ metadata, status }) => [metadata.name, status.phase, metadata.deletionTimestamp]))}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  /** Waits until every rollout of the install is done. */
  async untilRolledOut(): Promise<void> {
    await this.kubectl(['rollout', 'status', 'deployment', '--selector=app.kubernetes.io/part-of=botplane', '--namespace', NAMESPACE, `--timeout=${ROLLOUT_S_MAX}s`]);
  }
}

const isReady = ({ metadata, status }: Pod): boolean => metadata.deletionTimestamp === undefined && status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
