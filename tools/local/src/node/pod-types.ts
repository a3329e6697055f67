import type { Pod } from '@botplane/k8s';

export type PodSpec = NonNullable<Pod['spec']>;
export type Container = PodSpec['containers'][number];
export type EnvVar = NonNullable<Container['env']>[number];
export type Volume = NonNullable<PodSpec['volumes']>[number];
export type Probe = NonNullable<Container['readinessProbe']>;
export type PodStatus = NonNullable<Pod['status']>;

/** Unique over deletion and re-creation. */
export function uidOf(pod: Pod): string {
  return pod.metadata.uid ?? `${pod.metadata.namespace}/${pod.metadata.name}`;
}

export function specOf(pod: Pod): PodSpec {
  if (!pod.spec) throw new Error(`pod ${pod.metadata.name} has no spec`);
  return pod.spec;
}

/** Seconds as the API wants them. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
