import { controllerRef } from '@botplane/k8s';
import type { BotRevision, BotRuntime, OwnerReference } from '@botplane/k8s';
import { Labels, dedicatedLabel } from '../../names.ts';

/** Runtime pods that belong together: those of a pool, or those of one Dedicated revision. */
export interface PodSet {
  /** Name of everything that is made for it. */
  name: string;
  namespace: string;
  owner: OwnerReference;
  /** Labels by which its pods are known; they never change, since a Deployment's selector cannot. */
  selector: Record<string, string>;
  replicas: number;
  spec: Pick<BotRuntime['spec'], 'sandbox' | 'template'>;
}

/** The pods of a BotRuntime. */
export function poolPods(runtime: BotRuntime): PodSet {
  const { name, namespace = '' } = runtime.metadata;
  return {
    name: `botrt-${name}`, namespace, owner: controllerRef(runtime), replicas: runtime.spec.replicas ?? 1, spec: runtime.spec,
    selector: { 'app.kubernetes.io/name': 'botplane-runtime', [Labels.runtime]: name },
  };
}

/** Name of everything that is made for a Dedicated revision. */
export const dedicatedName = (revision: string): string => `botrev-${revision}`;

/**
 * The pods of a Dedicated revision, in the namespace of its Bot. They are made like those of the pool that the Bot names, except that there is one
 * and that no pull secret goes along: those are the pool's namespace's.
 */
export function dedicatedPods(revision: BotRevision, pool?: BotRuntime): PodSet {
  const { name, namespace = '' } = revision.metadata;
  const { imagePullSecrets: _, ...template } = pool?.spec.template ?? {};
  return {
    name: dedicatedName(name), namespace, owner: controllerRef(revision), replicas: 1,
    spec: { template, ...(pool?.spec.sandbox ? { sandbox: { ...pool.spec.sandbox, hosts: 1 } } : {}) },
    selector: { 'app.kubernetes.io/name': 'botplane-runtime', [Labels.runtime]: dedicatedLabel(name), [Labels.revision]: name },
  };
}

/** The selector as text, for status and autoscalers. */
export const selectorText = ({ selector }: PodSet): string => Object.entries(selector).map(([key, value]) => `${key}=${value}`).join(',');
