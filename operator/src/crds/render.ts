import type { CrdRule, CrdSchema, KindDefinition } from './schema.ts';

export const GROUP = 'botplane.dev';
export const VERSION = 'v1alpha1';

const API_VERSION_TEXT = 'Version of the schema that this object is written in: botplane.dev/v1alpha1.';

/** The CustomResourceDefinition of a kind, as plain JSON. */
export function renderCrd(definition: KindDefinition): Record<string, unknown> {
  const { kind, plural, singular, shortNames } = definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}`, annotations: { 'botplane.dev/generated-by': 'make generate' } },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames, categories: ['botplane'] },
      versions: [renderVersion(definition)],
    },
  };
}

function renderVersion(definition: KindDefinition): Record<string, unknown> {
  return {
    name: VERSION,
    served: true,
    storage: true,
    additionalPrinterColumns: definition.columns,
    ...(definition.selectableFields.length > 0 ? { selectableFields: definition.selectableFields.map((jsonPath) => ({ jsonPath })) } : {}),
    subresources: { status: {}, ...(definition.scale ? { scale: definition.scale } : {}) },
    schema: { openAPIV3Schema: renderRoot(definition) },
  };
}

function renderRoot({ description, spec, status, rules }: KindDefinition): Record<string, unknown> {
  const validations: CrdRule[] = rules;
  return {
    type: 'object',
    description,
    // Without spec in `required`, removing it would dodge every rule that compares with the old object.
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: API_VERSION_TEXT },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
      spec: plain(spec),
      status: plain(status),
    },
    ...(validations.length > 0 ? { 'x-kubernetes-validations': validations } : {}),
  };
}

/** The schema without keys of our own. */
export function plain(schema: CrdSchema): CrdSchema {
  const { tsType: _, properties, items, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(properties ? { properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, plain(property)])) } : {}),
    ...(items ? { items: plain(items) } : {}),
    ...(additionalProperties ? { additionalProperties: plain(additionalProperties) } : {}),
  };
}
