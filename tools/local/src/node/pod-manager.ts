import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keyOf, PODS, Reflector, type EventRecorder, type K8sClient, type Pod } from '@botplane/k8s';
import { podRecords } from '../leftovers.ts';
import { endRecorded } from '@botplane/testing';
import { AddressPool } from './address-pool.ts';
import { refusalOf } from './admission.ts';
import type { ImageTable } from './config.ts';
import type { ContainerLog } from './container-log.ts';
import { refusedStatus } from './pod-status.ts';
import { uidOf } from './pod-types.ts';
import { deletePod, PodWorker } from './pod-worker.ts';
import { StatusWriter } from './status-writer.ts';

export interface PodManagerOptions {
  readonly client: K8sClient;
  readonly recorder: EventRecorder;
  readonly images: ImageTable;
  readonly nodeName: string;
  readonly nodeAddress: string;
  /** One folder per pod, by uid, and `run` with the records of processes. */
  readonly folder: string;
}

/** Time for containers to end when the node stops, milliseconds. */
const SUSPEND_GRACE_MS = 2_500;
/** Time for processes of an earlier run of the node to end, milliseconds. */
const LEFTOVER_GRACE_MS = 1_000;

/** One worker per pod that is bound to this node. */
export class PodManager {
  private readonly options: PodManagerOptions;
  private readonly pods: Reflector<Pod>;
  private readonly workers = new Map<string, PodWorker>();
  private readonly addresses: AddressPool;
  private isStopping = false;

  constructor(options: PodManagerOptions) {
    this.options = options;
    this.addresses = new AddressPool(options.nodeAddress);
    this.pods = new Reflector(options.client, PODS, { fieldSelector: `spec.nodeName=${options.nodeName}` });
  }

  /** Ends processes of an earlier run, then starts the pods that the API has; a pod keeps its address. */
  async start(): Promise<void> {
    await endRecorded(podRecords(this.options.folder), LEFTOVER_GRACE_MS);
    this.pods.addHandler({
      onAdd: (pod) => this.observe(pod),
      onUpdate: (pod) => this.observe(pod),
      onDelete: (pod) => this.forget(pod),
    });
    this.pods.start();
    await this.pods.waitForSync();
    await this.removeOldFolders();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.pods.stop();
    await Promise.all([...this.workers.values()].map((worker) => worker.suspend(SUSPEND_GRACE_MS)));
  }

  /** Undefined when there is no such container here. */
  logOf(namespace: string, name: string, container: string): ContainerLog | undefined {
    const pod = this.pods.store.get({ namespace, name });
    return pod && this.workers.get(uidOf(pod))?.logOf(container);
  }

  private async observe(pod: Pod): Promise<void> {
    if (this.isStopping) return;
    const worker = this.workers.get(uidOf(pod));
    worker?.update(pod);
    if (pod.metadata.deletionTimestamp) return this.end(pod, worker);
    if (worker || isFinished(pod)) return;
    const refusal = refusalOf(pod, this.options.images);
    if (refusal) this.refuse(pod, refusal.reason, refusal.message);
    else this.run(pod);
  }

  private run(pod: Pod): void {
    const { client, recorder, images, nodeAddress, folder } = this.options;
    const uid = uidOf(pod);
    const worker = new PodWorker(pod, {
      client,
      recorder,
      images,
      nodeAddress,
      podAddress: this.addresses.take(uid, pod.status?.podIP),
      folder: join(folder, uid),
      recordFolder: podRecords(folder),
    });
    this.workers.set(uid, worker);
    worker.start();
    console.log(`pod ${keyOf(pod)} runs on ${worker.podAddress}`);
  }

  private refuse(pod: Pod, reason: string, message: string): void {
    const { client, recorder } = this.options;
    recorder.record(pod, { type: 'Warning', reason, action: 'Refused', note: message });
    const { name, namespace = '' } = pod.metadata;
    new StatusWriter(client, { name, namespace }, uidOf(pod)).write(() => refusedStatus(reason, message));
    console.warn(`pod ${keyOf(pod)} refused: ${message}`);
  }

  private async end(pod: Pod, worker: PodWorker | undefined): Promise<void> {
    if (worker) await worker.terminate();
    else await deletePod(this.options.client, pod);
  }

  private async forget(pod: Pod): Promise<void> {
    const uid = uidOf(pod);
    const worker = this.workers.get(uid);
    this.workers.delete(uid);
    await worker?.abandon();
    this.addresses.release(uid);
  }

  /** Folders of pods that were deleted while the node was away. */
  private async removeOldFolders(): Promise<void> {
    const { folder } = this.options;
    const known = new Set(['run', ...this.pods.store.list().map(uidOf)]);
    const old = readdirSync(folder).filter((name) => !known.has(name));
    await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true, force: true })));
  }
}

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}
