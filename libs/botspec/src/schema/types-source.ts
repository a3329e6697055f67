import { BOT_SPEC_SCHEMA } from './bot-spec-schema.ts';
import type { ObjectNode, SchemaNode } from './node.ts';

/** Source text of src/generated/bot-spec.ts: the types of BotSpec as authors write it. */
export function typesSource(): string {
  const interfaces = new Map<string, string>();
  collect(BOT_SPEC_SCHEMA, interfaces);
  return ['// Generated from src/schema by scripts/generate.ts; do not edit.', "import type { Json } from '@botplane/domain';", ...interfaces.values(), ''].join('\n\n');
}

function collect(node: SchemaNode, interfaces: Map<string, string>): void {
  for (const child of childrenOf(node)) collect(child, interfaces);
  if (node.kind !== 'object' || !node.typeName || interfaces.has(node.typeName)) return;
  interfaces.set(node.typeName, `/** ${node.description} */\nexport interface ${node.typeName} ${members(node)}`);
}

function childrenOf(node: SchemaNode): readonly SchemaNode[] {
  if (node.kind === 'array') return [node.items];
  if (node.kind === 'map') return [node.values];
  if (node.kind === 'object') return Object.values(node.properties);
  return node.kind === 'any' ? (node.shapes ?? []) : [];
}

function members(node: ObjectNode): string {
  const lines = Object.entries(node.properties)
    .filter(([, child]) => child.kind !== 'pending')
    .map(([key, child]) => `  /** ${child.description} */\n  ${key}${node.required?.includes(key) ? '' : '?'}: ${typeOf(child)};`);
  if (node.open) lines.push('  /** Fields of the Bot API method. */\n  [field: string]: unknown;');
  return `{\n${lines.join('\n')}\n}`;
}

function typeOf(node: SchemaNode): string {
  switch (node.kind) {
    case 'string':
      return node.values ? node.values.map((value) => `'${value}'`).join(' | ') : 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return node.items.kind === 'object' && node.items.typeName ? `${node.items.typeName}[]` : `(${typeOf(node.items)})[]`;
    case 'map':
      return `{ [key: string]: ${typeOf(node.values)} }`;
    case 'pending':
      return 'never';
    case 'any':
      return node.shapes && !node.shapes.some((shape) => shape.kind === 'object' && shape.open) ? node.shapes.map(typeOf).join(' | ') : 'Json';
    case 'object':
      return `${node.typeName ?? members(node).replaceAll('\n', ' ')}${node.nullable ? ' | null' : ''}`;
  }
}
