import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../environment.ts';
import type { Cluster } from './cluster.ts';
import { NAMESPACE } from './cluster.ts';
import { ROLLOUT_S_MAX, SAMPLE_MS } from './limits.ts';

const CRON_JOB = 'botplane-backup';
/** A claim of our own, for a cluster that makes no volumes by itself. */
const CLAIM = 'backups';
/** Once a year: the test runs backups when it wants them. */
const SELDOM = '0 0 1 1 *';

interface Ended {
  status: { conditions?: { type: string; status: string; message?: string }[] };
}

/** The CronJob of the chart, switched on for a test. */
export class Backups {
  /** What there is to do afterwards, last things first. */
  private readonly ends: (() => Promise<unknown>)[] = [];

  private constructor(private readonly cluster: Cluster) {}

  /** Undefined: the cluster makes no volumes, and this machine is not its node, so nothing is known of where one could lie. */
  static async start(cluster: Cluster): Promise<Backups | undefined> {
    const makesVolumes = await hasDefaultStorageClass(cluster);
    if (!makesVolumes && process.env['CLUSTER_IS_OURS'] !== '1') return undefined;
    const backups = new Backups(cluster);
    try {
      await backups.switchOn(makesVolumes ? '' : await backups.makeVolume());
      return backups;
    } catch (error) {
      await backups.stop();
      throw error;
    }
  }

  /** Runs the CronJob's pod as docs/backup.md says it, with its own arguments or others, until it ends well. Returns what it said. */
  async run(name: string, args?: readonly string[]): Promise<string> {
    const inNamespace = ['--namespace', NAMESPACE];
    let job = await this.cluster.kubectl(['create', 'job', name, ...inNamespace, `--from=cronjob/${CRON_JOB}`, '--dry-run=client', '--output=json']);
    const patch = [{ op: 'replace', path: '/spec/backoffLimit', value: 0 }, ...(args === undefined ? [] : [{ op: 'replace', path: '/spec/template/spec/containers/0/args', value: args }])];
    job = await this.cluster.kubectl(['patch', '-f', '-', '--local', '--type=json', '--output=json', '-p', JSON.stringify(patch)], job);
    await this.cluster.kubectl(['create', '-f', '-'], job);
    // The CronJob keeps few that are done, also of these.
    this.ends.push(() => this.cluster.kubectl(['delete', 'job', name, ...inNamespace, '--cascade=foreground', '--ignore-not-found']));
    await this.untilComplete(name);
    return this.cluster.kubectl(['logs', ...inNamespace, `job/${name}`]);
  }

  /** Leaves the install as it was. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const end of this.ends.splice(0).toReversed()) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'what the backups of the test made is not all gone');
  }

  /** A folder of this machine, which is the node, as a person without a provisioner would give one. Returns the claim's name. */
  private async makeVolume(): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'botplane-backups-'));
    this.ends.push(async () => rmSync(folder, { recursive: true, force: true }));
    // Kubernetes does not change the owner of such a volume to that of the pod.
    chmodSync(folder, 0o777);
    const common = { accessModes: ['ReadWriteOnce'], storageClassName: '' };
    const size = { storage: '1Gi' };
    this.ends.push(() => this.cluster.kubectl(['delete', `persistentvolume/${CLAIM}`, '--ignore-not-found']));
    this.ends.push(() => this.cluster.kubectl(['delete', `persistentvolumeclaim/${CLAIM}`, '--namespace', NAMESPACE, '--ignore-not-found']));
    await this.cluster.apply([
      { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: CLAIM }, spec: { ...common, capacity: size, persistentVolumeReclaimPolicy: 'Retain', hostPath: { path: folder, type: 'Directory' } } },
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: CLAIM, namespace: NAMESPACE }, spec: { ...common, volumeName: CLAIM, resources: { requests: size } } },
    ]);
    return CLAIM;
  }

  /** `claimName` empty: the chart makes its own. */
  private async switchOn(claimName: string): Promise<void> {
    const { cluster } = this;
    const revision = (JSON.parse(await cluster.helm(['history', 'botplane', '-o', 'json'])) as { revision: number }[]).at(-1)?.revision ?? 0;
    // The chart's own claim stays when the chart does not want it any more.
    if (claimName === '') this.ends.push(() => cluster.kubectl(['delete', `persistentvolumeclaim/${CRON_JOB}`, '--namespace', NAMESPACE, '--ignore-not-found']));
    this.ends.push(() => cluster.helm(['rollback', 'botplane', String(revision)]));
    const backup = { enabled: true, schedule: SELDOM, storage: { size: '1Gi', claimName } };
    await cluster.helm(['upgrade', 'botplane', join(ROOT, 'charts/botplane'), '--reset-then-reuse-values', '--set-json', `backup=${JSON.stringify(backup)}`]);
  }

  private async untilComplete(name: string): Promise<void> {
    const endMs = Date.now() + ROLLOUT_S_MAX * 1_000;
    for (;;) {
      const { status } = JSON.parse(await this.cluster.kubectl(['get', `job/${name}`, '--namespace', NAMESPACE, '--output=json'])) as Ended;
      const last = status.conditions?.find((condition) => condition.status === 'True' && ['Complete', 'Failed'].includes(condition.type));
      if (last?.type === 'Complete') return;
      if (last !== undefined || Date.now() > endMs) throw new Error(`job ${name} ${last === undefined ? `is not complete after ${ROLLOUT_S_MAX} s` : `failed: ${last.message}`}\n${await this.explain(name)}`);
      await sleep(SAMPLE_MS);
    }
  }

  /** What somebody would look at: a pod that may not be made, a claim that is not bound, or what the pod said. */
  private async explain(name: string): Promise<string> {
    const looks = [['describe', `job/${name}`], ['describe', 'pods', '--selector', `batch.kubernetes.io/job-name=${name}`], ['logs', '--selector', `batch.kubernetes.io/job-name=${name}`, '--tail=50']];
    return (await Promise.all(looks.map((look) => this.cluster.kubectl([...look, '--namespace', NAMESPACE]).catch((error: Error) => error.message)))).join('\n');
  }
}

async function hasDefaultStorageClass(cluster: Cluster): Promise<boolean> {
  const { items } = JSON.parse(await cluster.kubectl(['get', 'storageclasses', '--output=json'])) as { items: { metadata: { annotations?: Record<string, string> } }[] };
  return items.some(({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true');
}
