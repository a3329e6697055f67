import type { RuntimeRecord } from '@botplane/contracts';
import { canonicalJson } from '@botplane/domain';
import type { Pod } from '@botplane/k8s';
import type { Stores } from '../../adapters/stores.ts';
import { Labels, runtimeKey } from '../../names.ts';
import { RouteConflictError } from '../../outcome.ts';
import { GRPC_PORT } from './desired.ts';

/** The pool a pod belongs to: its key in KV `runtimes`; undefined for other pods. */
export function runtimeKeyOfPod(pod: Pod): string | undefined {
  const name = pod.metadata.labels?.[Labels.runtime];
  return name === undefined ? undefined : runtimeKey(pod.metadata.namespace ?? '', name);
}

/** True when executors may send work there. */
export function isPodReady(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined || !pod.status?.podIP) return false;
  return pod.status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

/** Ready pods by name, as KV `runtimes` lists them. */
export function listPods(pods: readonly Pod[]): RuntimeRecord['pods'] {
  return pods
    .filter(isPodReady)
    .map((pod) => ({ name: pod.metadata.name, uid: pod.metadata.uid ?? '', address: addressOf(pod.status?.podIP ?? '') }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const addressOf = (ip: string): string => (ip.includes(':') ? `[${ip}]:${GRPC_PORT}` : `${ip}:${GRPC_PORT}`);

/** Writes the list of ready pods, if it differs; returns whether it was written. */
export async function publishPods(runtimes: Stores['runtimes'], key: string, pods: RuntimeRecord['pods']): Promise<boolean> {
  const found = await runtimes.get(key);
  const record: RuntimeRecord = { v: 1, pods };
  if (found && canonicalJson(found.value) === canonicalJson(record)) return false;
  const written = found ? await runtimes.update(key, record, found.revision) : await runtimes.create(key, record);
  if (written === 'conflict') throw new RouteConflictError(`the list of pods of ${key} changed since it was read`);
  return true;
}

/** Removes the list of a pool that is gone. */
export async function withdrawPods(runtimes: Stores['runtimes'], key: string): Promise<void> {
  if (await runtimes.get(key)) await runtimes.delete(key);
}
