import type { Json } from '@botplane/domain';

/**
 * The small schema language that BotSpec is written down in once. From it come the JSON Schema, the TypeScript types, the projection for
 * the CRDs and the compiler's first pass; what one of them cannot say (references, types of expressions) is the compiler's second pass.
 */
export type SchemaNode = StringNode | NumberNode | BooleanNode | ArrayNode | ObjectNode | MapNode | AnyNode | PendingNode;

interface NodeBase {
  /** One or two sentences for `kubectl explain` and editors. */
  description: string;
}

export interface StringNode extends NodeBase {
  kind: 'string';
  values?: readonly string[];
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}

export interface NumberNode extends NodeBase {
  kind: 'integer' | 'number';
  min?: number;
  max?: number;
}

export interface BooleanNode extends NodeBase {
  kind: 'boolean';
}

export interface ArrayNode extends NodeBase {
  kind: 'array';
  items: SchemaNode;
  min?: number;
  max: number;
}

export interface ObjectNode extends NodeBase {
  kind: 'object';
  /** Name of the generated TypeScript interface; without it the type is written in place. */
  typeName?: string;
  properties: { readonly [name: string]: SchemaNode };
  required?: readonly string[];
  /** Other keys are Telegram's own; the compiler checks them. */
  open?: boolean;
  /** The CRDs keep it as it is given: the API server's schema has little room. */
  opaque?: boolean;
  nullable?: boolean;
}

export interface MapNode extends NodeBase {
  kind: 'map';
  values: SchemaNode;
  min?: number;
  max: number;
}

/** A field of several shapes; the compiler knows which fit. */
export interface AnyNode extends NodeBase {
  kind: 'any';
  /** Shapes for editors; none means any JSON. */
  shapes?: readonly SchemaNode[];
}

/** Part of the language that this version does not run yet: the API server keeps it so that the compiler can refuse it by name. */
export interface PendingNode extends NodeBase {
  kind: 'pending';
  /** What to do instead, for the error. */
  instead: string;
}

/** A JSON Schema document, as data. */
export type JsonSchema = { [key: string]: Json };

export const text = (description: string, limits: Omit<StringNode, 'kind' | 'description'> = {}): StringNode => ({ kind: 'string', description, ...limits });
export const oneOf = (description: string, ...values: string[]): StringNode => ({ kind: 'string', description, values });
export const integer = (description: string, min: number, max: number): NumberNode => ({ kind: 'integer', description, min, max });
export const bool = (description: string): BooleanNode => ({ kind: 'boolean', description });
export const list = (description: string, items: SchemaNode, min: number, max: number): ArrayNode => ({ kind: 'array', description, items, min, max });
export const map = (description: string, values: SchemaNode, max: number, min = 0): MapNode => ({ kind: 'map', description, values, max, min });
export const any = (description: string, ...shapes: SchemaNode[]): AnyNode => (shapes.length > 0 ? { kind: 'any', description, shapes } : { kind: 'any', description });
export const pending = (description: string, instead: string): PendingNode => ({ kind: 'pending', description: `Not supported yet. ${description}`, instead });

/** An object with known keys. */
export function object(description: string, properties: ObjectNode['properties'], more: Omit<ObjectNode, 'kind' | 'description' | 'properties'> = {}): ObjectNode {
  return { kind: 'object', description, properties, ...more };
}
