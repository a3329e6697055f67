/** The part of OpenAPI v3 that a structural CRD schema may use, and one key of our own (`tsType`) for generated types. */
export interface CrdSchema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  description?: string;
  properties?: Record<string, CrdSchema>;
  additionalProperties?: CrdSchema;
  items?: CrdSchema;
  required?: string[];
  enum?: string[];
  pattern?: string;
  format?: string;
  default?: string | number | boolean | Record<string, unknown>;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  minProperties?: number;
  'x-kubernetes-validations'?: CrdRule[];
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-int-or-string'?: true;
  'x-kubernetes-list-type'?: 'map' | 'atomic' | 'set';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
  nullable?: boolean;
  /** Type to write in TypeScript instead of what the schema says; never part of the CRD. */
  tsType?: string;
}

/** A CEL rule with the words a person reads when it fails. */
export interface CrdRule {
  rule: string;
  message: string;
  /** What is told instead where it can be made: the message and what was found. */
  messageExpression?: string;
  fieldPath?: string;
}

/** Words of a rule that end with what was found; `found` is CEL for a text. */
export const telling = (message: string, found: string): Pick<CrdRule, 'message' | 'messageExpression'> => ({ message, messageExpression: `'${message}' + ${found}` });

type Extra = Omit<CrdSchema, 'type' | 'description' | 'properties' | 'items'>;

export const text = (description: string, extra: Extra = {}): CrdSchema => ({ type: 'string', description, ...extra });
export const integer = (description: string, extra: Extra = {}): CrdSchema => ({ type: 'integer', format: 'int32', description, ...extra });
export const long = (description: string, extra: Extra = {}): CrdSchema => ({ type: 'integer', format: 'int64', description, ...extra });
export const flag = (description: string, extra: Extra = {}): CrdSchema => ({ type: 'boolean', description, ...extra });
export const time = (description: string): CrdSchema => ({ type: 'string', format: 'date-time', description });

/** An object with fixed fields. Names that end with `!` are required. */
export function fields(description: string, properties: Record<string, CrdSchema>, extra: Extra = {}): CrdSchema {
  const required = Object.keys(properties).filter((name) => name.endsWith('!')).map((name) => name.slice(0, -1));
  const plain = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name.replace(/!$/, ''), schema]));
  return { type: 'object', description, ...(required.length > 0 ? { required } : {}), properties: plain, ...extra };
}

/** A map from free names to values. */
export const mapOf = (description: string, values: CrdSchema, maxProperties: number): CrdSchema => ({ type: 'object', description, additionalProperties: values, maxProperties });

/** A list that one writer owns as a whole. */
export const listOf = (description: string, items: CrdSchema, maxItems: number): CrdSchema => ({
  type: 'array', description, items, maxItems, 'x-kubernetes-list-type': 'atomic',
});

/** A list whose items are told apart by one field, so that several writers can own items. */
export const listByKey = (description: string, key: string, items: CrdSchema, maxItems: number): CrdSchema => ({
  type: 'array', description, items, maxItems, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key],
});

/** An object whose inside is not described here. */
export const open = (description: string, tsType = 'Record<string, unknown>'): CrdSchema => ({
  type: 'object', description, 'x-kubernetes-preserve-unknown-fields': true, tsType,
});

/** A printed column of `kubectl get`. */
export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'date' | 'boolean';
  jsonPath: string;
  description?: string;
  /** 1 or more: shown with `-o wide` only. */
  priority?: number;
}

/** One kind of botplane.dev, from which CRD, chart and TypeScript types are generated. */
export interface KindDefinition {
  kind: string;
  plural: string;
  singular: string;
  shortNames: string[];
  description: string;
  spec: CrdSchema;
  status: CrdSchema;
  /** Rules of the whole object; of metadata they may read only name and generateName. */
  rules: CrdRule[];
  columns: PrinterColumn[];
  selectableFields: string[];
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath: string };
}

/** Column with the status of one condition. */
export const conditionColumn = (name: string, condition: string, extra: Partial<PrinterColumn> = {}): PrinterColumn => ({
  name, type: 'string', jsonPath: `.status.conditions[?(@.type=="${condition}")].status`, ...extra,
});

export const AGE_COLUMN: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
