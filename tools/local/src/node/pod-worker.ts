import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isConflict, isNotFound, PODS, type EventRecorder, type K8sClient, type Pod } from '@botplane/k8s';
import type { Launch } from '@botplane/testing';
import { ConfigSource } from './config-source.ts';
import type { ImageTable } from './config.ts';
import { ContainerLog } from './container-log.ts';
import { ContainerRunner, NODE_STOPPED, type RestartPolicy } from './container-runner.ts';
import { LAST_WRITE_MS } from './limits.ts';
import { expand, resolveEnv } from './pod-env.ts';
import { podStatus, Transitions } from './pod-status.ts';
import { specOf, uidOf, type Container } from './pod-types.ts';
import { makeVolumes, mountsOf, realPath } from './pod-volumes.ts';
import { StatusWriter } from './status-writer.ts';

export interface PodWorkerOptions {
  readonly client: K8sClient;
  readonly recorder: EventRecorder;
  readonly images: ImageTable;
  readonly nodeAddress: string;
  readonly podAddress: string;
  /** Folder of this pod: volumes, logs, working folder. */
  readonly folder: string;
  readonly recordFolder: string;
}

/** Runs one pod: its containers as processes, its status, its end. */
export class PodWorker {
  readonly podAddress: string;
  private pod: Pod;
  private readonly options: PodWorkerOptions;
  private readonly runners: ContainerRunner[];
  private readonly status: StatusWriter;
  private readonly transitions = new Transitions();
  private readonly startedAtMs: number;
  private ending: Promise<void> | undefined;

  constructor(pod: Pod, options: PodWorkerOptions) {
    this.pod = pod;
    this.options = options;
    this.podAddress = options.podAddress;
    this.startedAtMs = pod.status?.startTime ? Date.parse(pod.status.startTime) : Date.now();
    const { name, namespace } = pod.metadata;
    this.status = new StatusWriter(options.client, { name, namespace: namespace ?? '' }, uidOf(pod));
    this.runners = specOf(pod).containers.map((container) => this.makeRunner(container));
  }

  start(): void {
    this.writeStatus();
    for (const runner of this.runners) void runner.start();
  }

  /** A newer version of the object; labels and annotations reach a container at its next start. */
  update(pod: Pod): void {
    this.pod = pod;
  }

  /** Ends the containers within the pod's grace period and then removes the object. */
  async terminate(): Promise<void> {
    this.ending ??= this.endAndDelete();
    await this.ending;
  }

  /** Ends the containers because the node stops; the pod stays and is started again with the node. */
  async suspend(graceMs: number): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.suspend(graceMs)));
    this.writeStatus();
    await this.status.flush(LAST_WRITE_MS);
    this.status.close();
  }

  /** The object is gone already (forced deletion): nothing is left to say. */
  async abandon(): Promise<void> {
    this.status.close();
    await this.stopContainers(0);
    await rm(this.options.folder, { recursive: true, force: true });
  }

  logOf(containerName: string): ContainerLog | undefined {
    return this.runners.find(({ container }) => container.name === containerName)?.log;
  }

  private async endAndDelete(): Promise<void> {
    const { metadata } = this.pod;
    const graceSeconds = metadata.deletionGracePeriodSeconds ?? specOf(this.pod).terminationGracePeriodSeconds ?? 30;
    this.event('Normal', 'Killing', 'Stopping the containers');
    await this.stopContainers(graceSeconds * 1_000);
    await this.status.flush();
    this.status.close();
    await deletePod(this.options.client, this.pod);
    await rm(this.options.folder, { recursive: true, force: true });
  }

  private async stopContainers(graceMs: number): Promise<void> {
    const stopping = this.runners.map((runner) => runner.stop(graceMs));
    this.writeStatus(); // Not ready from now on.
    await Promise.all(stopping);
    this.writeStatus();
  }

  private writeStatus(): void {
    const { nodeAddress } = this.options;
    this.status.write(() => {
      const view = { containers: this.runners, podAddress: this.podAddress, nodeAddress, startedAtMs: this.startedAtMs };
      return podStatus(view, this.transitions);
    });
  }

  private makeRunner(container: Container): ContainerRunner {
    const before = this.pod.status?.containerStatuses?.find(({ name }) => name === container.name);
    // A process of an earlier run of the node counts as ended.
    const wasRunning = before?.state?.running !== undefined || before?.state?.waiting?.reason === NODE_STOPPED;
    const restarts = (before?.restartCount ?? 0) + (wasRunning ? 1 : 0);
    return new ContainerRunner({
      container,
      restarts,
      restartPolicy: (specOf(this.pod).restartPolicy ?? 'Always') as RestartPolicy,
      address: this.podAddress,
      log: new ContainerLog(join(this.options.folder, 'logs', `${container.name}.log`)),
      record: { folder: this.options.recordFolder, name: `${uidOf(this.pod)}.${container.name}` },
      prepare: () => this.prepare(container),
      onChange: () => this.writeStatus(),
      onEvent: (type, reason, note) => this.event(type, reason, note),
    });
  }

  private async prepare(container: Container): Promise<Launch> {
    const { folder, images, client, nodeAddress } = this.options;
    const image = images[container.image ?? ''];
    if (!image) throw new Error(`image "${container.image}" is not in the table of this node`);
    const { name, namespace = '' } = this.pod.metadata;
    const source = new ConfigSource(client, namespace);
    const volumes = join(folder, 'volumes');
    await makeVolumes(this.pod, volumes, source);
    const mounts = mountsOf(this.pod, container, volumes);
    const given = await resolveEnv(this.pod, container, { podAddress: this.podAddress, nodeAddress }, source);
    const env = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, realPath(value, mounts)]));
    const args = (container.args ?? []).map((arg) => realPath(expand(arg, env), mounts));
    const work = join(folder, 'work', container.name);
    return {
      command: image.command,
      args: [...image.args, ...args],
      cwd: work,
      env: { HOSTNAME: name, HOME: work, ...image.env, ...env },
    };
  }

  private event(type: 'Normal' | 'Warning', reason: string, note: string): void {
    this.options.recorder.record(this.pod, { type, reason, action: reason, note });
  }
}

/** Removes the object for good; the containers must have ended. */
export async function deletePod(client: K8sClient, pod: Pod): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  try {
    const preconditions = uid ? { preconditions: { uid } } : {};
    await client.delete(PODS, { name, namespace: namespace ?? '' }, { gracePeriodSeconds: 0, ...preconditions });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
