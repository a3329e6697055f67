import type { Pod } from '@botplane/k8s';
import type { ImageTable } from './config.ts';
import { specOf } from './pod-types.ts';

/** Why a pod can never run on this node. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** What the local node cannot do is refused by name instead of being done differently. */
export function refusalOf(pod: Pod, images: ImageTable): Refusal | undefined {
  const { containers, initContainers = [] } = specOf(pod);
  if (initContainers.length > 0) {
    return { reason: 'InitContainersNotSupported', message: 'the local node runs no init containers' };
  }
  for (const { name, image = '', command } of containers) {
    if (!Object.hasOwn(images, image)) {
      const known = Object.keys(images).join(', ');
      return { reason: 'ImageNotInTable', message: `image "${image}" is not in the table of the local node; it knows: ${known}` };
    }
    if (command) {
      return { reason: 'CommandNotSupported', message: `container ${name} replaces the command of its image` };
    }
  }
  return undefined;
}
