import { BOT_SPEC_SCHEMA } from './bot-spec-schema.ts';
import type { ObjectNode, SchemaNode } from './node.ts';

/** The part of apiextensions.k8s.io/v1 JSONSchemaProps that the projection uses. */
export interface JSONSchemaProps {
  description?: string;
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  properties?: { [name: string]: JSONSchemaProps };
  additionalProperties?: JSONSchemaProps;
  required?: string[];
  items?: JSONSchemaProps;
  enum?: string[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  nullable?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: true;
}

/**
 * Structural schema of `botSpec` for the CRDs: types, enums, ranges and lengths; fields of several shapes and Telegram's objects keep what
 * they are given. No defaults, no CEL and no oneOf: those are the compiler's. The result is a new object each time.
 */
export function crdProjection(): JSONSchemaProps {
  return project(BOT_SPEC_SCHEMA);
}

function project(node: SchemaNode): JSONSchemaProps {
  switch (node.kind) {
    case 'string':
      return compact({ description: node.description, type: 'string', enum: node.values && [...node.values], pattern: node.pattern, minLength: node.minLength, maxLength: node.maxLength });
    case 'integer':
    case 'number':
      return compact({ description: node.description, type: node.kind, minimum: node.min, maximum: node.max });
    case 'boolean':
      return { description: node.description, type: 'boolean' };
    case 'array':
      return compact({ description: node.description, type: 'array', items: project(node.items), minItems: node.min || undefined, maxItems: node.max });
    case 'map':
      return compact({ description: node.description, type: 'object', additionalProperties: projectValue(node.values), minProperties: isNullable(node.values) ? undefined : node.min || undefined, maxProperties: node.max });
    case 'any':
    case 'pending':
      return { description: node.description, 'x-kubernetes-preserve-unknown-fields': true };
    case 'object':
      return projectObject(node);
  }
}

/** Null means something in `save` (forgets) and `query` (leaves one out); kube-apiserver drops it where it is not allowed by name. */
const projectValue = (node: SchemaNode): JSONSchemaProps => ({ ...project(node), ...(isNullable(node) ? { nullable: true } : {}) });

/** kubectl drops null before it sends, so a mapping of such values may arrive empty: the compiler says what to write instead. */
const isNullable = (node: SchemaNode): boolean => node.kind === 'any';

function projectObject(node: ObjectNode): JSONSchemaProps {
  if (node.opaque) return { description: node.description, type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return compact({
    description: node.description,
    type: 'object',
    nullable: node.nullable || undefined,
    properties: Object.fromEntries(Object.entries(node.properties).map(([key, child]) => [key, project(child)])),
    required: node.required && [...node.required],
    'x-kubernetes-preserve-unknown-fields': node.open ? true : undefined,
  });
}

function compact(members: { [Key in keyof JSONSchemaProps]: JSONSchemaProps[Key] | undefined }): JSONSchemaProps {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JSONSchemaProps;
}
