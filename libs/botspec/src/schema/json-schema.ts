import { BOT_SPEC_SCHEMA } from './bot-spec-schema.ts';
import type { JsonSchema, ObjectNode, SchemaNode } from './node.ts';

/** The full JSON Schema (2020-12) of BotSpec, for editors and the console. What is not supported yet is not in it. */
export function botSpecJsonSchema(): JsonSchema {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'https://botplane.dev/schemas/botspec-v1.json', title: 'BotSpec v1', ...toJsonSchema(BOT_SPEC_SCHEMA) };
}

/** The same for a whole Bot manifest with an inline spec: what an editor needs for `bot.yaml`. The rest of a Bot is the CRD's to check. */
export function botManifestJsonSchema(): JsonSchema {
  const open = (properties: JsonSchema, required: string[]): JsonSchema => ({ type: 'object', properties, required });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://botplane.dev/schemas/bot-v1alpha1.json',
    title: 'Bot',
    description: 'A Bot of botplane.dev/v1alpha1, its inline BotSpec included.',
    ...open({
      apiVersion: { const: 'botplane.dev/v1alpha1' },
      kind: { const: 'Bot' },
      metadata: { type: 'object', description: 'Name, namespace and labels.' },
      spec: open({
        botSpec: { $ref: '#/$defs/botSpec' },
        template: { type: 'object', properties: { spec: { type: 'object', properties: { source: { type: 'object', properties: { botSpec: { $ref: '#/$defs/botSpec' } } } } } } },
      }, []),
    }, ['apiVersion', 'kind', 'metadata', 'spec']),
    $defs: { botSpec: toJsonSchema(BOT_SPEC_SCHEMA) },
  };
}

function toJsonSchema(node: SchemaNode): JsonSchema {
  const base: JsonSchema = { description: node.description };
  switch (node.kind) {
    case 'string':
      return { ...base, type: 'string', ...defined({ enum: node.values, minLength: node.minLength, maxLength: node.maxLength, pattern: node.pattern }) };
    case 'integer':
    case 'number':
      return { ...base, type: node.kind, ...defined({ minimum: node.min, maximum: node.max }) };
    case 'boolean':
      return { ...base, type: 'boolean' };
    case 'array':
      return { ...base, type: 'array', items: toJsonSchema(node.items), ...defined({ minItems: node.min, maxItems: node.max }) };
    case 'map':
      return { ...base, type: 'object', additionalProperties: toJsonSchema(node.values), ...defined({ minProperties: node.min, maxProperties: node.max }) };
    case 'any':
      return node.shapes && node.shapes.length > 0 && !isMixed(node.shapes) ? { ...base, anyOf: node.shapes.map(toJsonSchema) } : base;
    case 'pending':
      return { ...base, not: {} };
    case 'object':
      return objectSchema(node, base);
  }
}

/** Shapes that only illustrate (an open object) do not bind. */
function isMixed(shapes: readonly SchemaNode[]): boolean {
  return shapes.some((shape) => shape.kind === 'object' && shape.open === true);
}

function objectSchema(node: ObjectNode, base: JsonSchema): JsonSchema {
  const properties = Object.fromEntries(Object.entries(node.properties).map(([key, child]) => [key, toJsonSchema(child)]));
  const schema: JsonSchema = { ...base, type: node.nullable ? ['object', 'null'] : 'object', properties };
  if (node.required) schema['required'] = [...node.required];
  if (!node.open) schema['additionalProperties'] = false;
  return schema;
}

function defined(members: { [key: string]: unknown }): JsonSchema {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonSchema;
}
