import { CUSTOM_RESOURCE_DEFINITIONS, defineResource, isTrue, type Condition, type K8sClient, type KubeObject } from '@botplane/k8s';

/** A custom kind of the tests' own. */
export interface Widget extends KubeObject {
  spec: { size: number };
  status?: { conditions?: Condition[] };
}

export const WIDGETS = defineResource<Widget>('test.botplane.dev/v1', 'Widget', 'widgets', 'namespaced');

const text = { type: 'string' };
const condition = {
  type: 'object',
  required: ['type', 'status', 'reason', 'lastTransitionTime'],
  properties: { type: text, status: text, reason: text, message: text, observedGeneration: { type: 'integer' }, lastTransitionTime: { ...text, format: 'date-time' } },
};
const conditions = { type: 'array', items: condition, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] };
const openAPIV3Schema = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { size: { type: 'integer' } } },
    status: { type: 'object', properties: { conditions } },
  },
};

/** Installs the kind and waits until it is served. */
export async function installTestCrd(client: K8sClient): Promise<void> {
  const name = 'widgets.test.botplane.dev';
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, subresources: { status: {} } };
  const names = { kind: 'Widget', plural: 'widgets', singular: 'widget' };
  const spec = { group: 'test.botplane.dev', scope: 'Namespaced', names, versions: [version] };
  await client.apply(CUSTOM_RESOURCE_DEFINITIONS, { metadata: { name }, spec }, { fieldManager: 'test' });
  for (;;) {
    const crd = await client.get(CUSTOM_RESOURCE_DEFINITIONS, { name });
    if (isTrue(crd?.status?.conditions as Condition[] | undefined, 'Established')) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
