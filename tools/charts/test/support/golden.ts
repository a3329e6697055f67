import { Document, isCollection, visit } from 'yaml';
import { idOf } from './manifest.ts';
import type { Manifest } from './manifest.ts';

/** Labels that every object bears; one test looks at them, the golden files do without. */
export const COMMON_LABELS = ['app.kubernetes.io/instance', 'app.kubernetes.io/part-of', 'app.kubernetes.io/managed-by', 'app.kubernetes.io/version', 'helm.sh/chart'];

/** A list or map up to this long is one line. */
const FLOW_CHARS_MAX = 140;

/** Rendered objects as text that changes only when they mean something else: by kind and name, without what all share or chance makes. */
export function goldenText(manifests: readonly Manifest[]): string {
  return manifests
    .toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
    .map((manifest) => text(quiet(manifest)))
    .join('---\n');
}

/** YAML with one line for what fits in it. */
function text(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false, sortMapEntries: true });
  visit(document, {
    Node: (_key, node, path) => {
      if (isCollection(node) && path.length > 1 && JSON.stringify(node.toJS(document)).length <= FLOW_CHARS_MAX) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function quiet(value: unknown, path = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => quiet(item, `${path}[]`));
  if (value === null || typeof value !== 'object') return value;
  const isSecret = path === '' && (value as Manifest).kind === 'Secret';
  const isRules = path === '' && (value as Manifest).kind === 'PrometheusRule';
  return Object.fromEntries(Object.entries(value)
    .filter(([key]) => !(path.endsWith('labels') && COMMON_LABELS.includes(key)))
    .map(([key, child]) => {
      if (isSecret && key === 'data') return [key, Object.fromEntries(Object.keys(child as object).map((name) => [name, 'made by chance']))];
      if (key === 'helm-test.mjs') return [key, 'charts/botplane/files/helm-test.mjs'];
      if (isRules && key === 'spec') return [key, 'charts/botplane/files/rules.yaml'];
      if (path === '.data' && key.endsWith('.json')) return [key, `charts/botplane/dashboards/${key}`];
      return [key, quiet(child, `${path}.${key}`)];
    }));
}
