import { NAMESPACES } from '@botplane/k8s';
import type { BotRuntime, K8sClient } from '@botplane/k8s';
import { NAMESPACES_REMEMBERED_MAX, NAMESPACE_LABELS_MS_MAX } from '../../limits.ts';

type Labels = Readonly<Record<string, string>>;
type Selector = NonNullable<NonNullable<BotRuntime['spec']['allowedNamespaces']>['selector']>;

/** True when Bots of a namespace may use the pool. `labelsOf` is asked only when labels decide. */
export async function isNamespaceAllowed({ metadata, spec }: BotRuntime, namespace: string, labelsOf: (namespace: string) => Promise<Labels>): Promise<boolean> {
  const { from = 'Same', selector } = spec.allowedNamespaces ?? {};
  if (from === 'All' || namespace === metadata.namespace) return true;
  return from === 'Selector' && selector !== undefined && matches(selector, await labelsOf(namespace));
}

/** A label selector of Kubernetes: all conditions hold. Pure. */
export function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'In': return value !== undefined && values.includes(value);
        case 'NotIn': return value === undefined || !values.includes(value);
        case 'Exists': return value !== undefined;
        case 'DoesNotExist': return value === undefined;
      }
    })
  );
}

/** Labels of namespaces, read when they are needed and remembered for a moment: a thousand Bots of one namespace ask once. */
export class NamespaceLabels {
  private readonly client: K8sClient;
  private readonly nowMs: () => number;
  private readonly known = new Map<string, { labels: Labels; readAtMs: number }>();

  constructor(client: K8sClient, nowMs: () => number = Date.now) {
    this.client = client;
    this.nowMs = nowMs;
  }

  readonly of = async (namespace: string): Promise<Labels> => {
    const known = this.known.get(namespace);
    if (known && this.nowMs() - known.readAtMs < NAMESPACE_LABELS_MS_MAX) return known.labels;
    const labels = (await this.client.getMetadata(NAMESPACES, { name: namespace }))?.metadata.labels ?? {};
    if (this.known.size >= NAMESPACES_REMEMBERED_MAX) this.known.clear();
    this.known.set(namespace, { labels, readAtMs: this.nowMs() });
    return labels;
  };
}
