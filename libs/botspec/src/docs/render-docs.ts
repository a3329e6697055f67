import { BOT_SPEC_SCHEMA } from '../schema/bot-spec-schema.ts';
import { botManifestJsonSchema, botSpecJsonSchema } from '../schema/json-schema.ts';
import { LIMITS } from '../schema/limits.ts';
import type { ObjectNode, SchemaNode } from '../schema/node.ts';
import { step } from '../schema/step-schema.ts';
import { STEP_EXAMPLES } from './examples.ts';

const NOTE = '<!-- Generated from libs/botspec/src/schema by `make generate`; do not edit. -->';

/** The files of docs/botspec, by name. */
export function renderDocs(): { [name: string]: string } {
  return {
    'README.md': overview(),
    'steps.md': steps(),
    'limits.md': limits(),
    'botspec.schema.json': `${JSON.stringify(botSpecJsonSchema(), null, 2)}\n`,
    'bot.schema.json': `${JSON.stringify(botManifestJsonSchema(), null, 2)}\n`,
  };
}

function overview(): string {
  const sections = Object.entries(BOT_SPEC_SCHEMA.properties).map(([key, node]) => `## ${key}\n\n${node.description}\n${detail(node, '')}`);
  return `${NOTE}\n# BotSpec v1\n\n${BOT_SPEC_SCHEMA.description}\n\nThe [steps](steps.md) each with an example · the [limits](limits.md) · [YAML and editors](../yaml.md) · JSON Schemas: [a BotSpec](botspec.schema.json), [a whole Bot](bot.schema.json)\n\n${sections.join('\n')}`;
}

function steps(): string {
  const kinds = Object.entries(step.properties).filter(([kind]) => Object.hasOwn(STEP_EXAMPLES, kind));
  const sections = kinds.map(([kind, node]) => `## ${kind}\n\n${node.description}\n\n\`\`\`yaml\n${STEP_EXAMPLES[kind] ?? ''}\n\`\`\`\n${detail(node, '')}`);
  const later = Object.entries(step.properties).filter(([, node]) => node.kind === 'pending').map(([kind]) => `\`${kind}\``);
  return `${NOTE}\n# Steps\n\n${step.description} The examples stand below the name of a flow.\n\n${sections.join('\n')}\n## Later\n\nReserved for later versions, and refused by name until then: ${later.join(', ')}.\n`;
}

function limits(): string {
  const rows = Object.entries(LIMITS).map(([name, value]) => `| ${name} | ${value} |`);
  return `${NOTE}\n# Limits\n\nUnits stand in the names; sizes are of canonical JSON in UTF-8.\n\n| Limit | Value |\n|---|---|\n${rows.join('\n')}\n`;
}

/** Tables of the fields of a node and of the objects inside it. */
function detail(node: SchemaNode, path: string): string {
  const object = objectIn(node);
  if (!object) return '';
  // A step inside a flow has its own page.
  const fields = Object.entries(object.properties).filter(([, child]) => child.kind !== 'pending');
  if (object === step || fields.length === 0) return '';
  const rows = fields.map(([key, child]) => `| \`${path}${key}\`${object.required?.includes(key) ? ' *' : ''} | ${typeText(child)} | ${child.description.replaceAll('|', '\\|')} |`);
  const inner = fields.map(([key, child]) => innerDetail(child, `${path}${key}${child.kind === 'array' ? '[]' : ''}.`)).filter((text) => text !== '');
  return `\n| Key | Takes | Meaning |\n|---|---|---|\n${rows.join('\n')}\n${inner.join('')}`;
}

function innerDetail(node: SchemaNode, path: string): string {
  return path.split('.').length > 4 ? '' : detail(node, path);
}

function objectIn(node: SchemaNode): ObjectNode | undefined {
  if (node.kind === 'object') return node;
  if (node.kind === 'array') return objectIn(node.items);
  if (node.kind === 'map') return objectIn(node.values);
  return node.kind === 'any' ? node.shapes?.map(objectIn).find((shape) => shape !== undefined) : undefined;
}

function typeText(node: SchemaNode): string {
  switch (node.kind) {
    case 'string':
      return node.values ? node.values.map((value) => `\`${value}\``).join(', ') : `text${node.maxLength === undefined ? '' : `, ≤${node.maxLength}`}`;
    case 'integer':
    case 'number':
      return `${node.kind === 'integer' ? 'whole number' : 'number'}${Math.abs(node.max ?? Infinity) < Number.MAX_SAFE_INTEGER ? ` ${node.min}–${node.max}` : ''}`;
    case 'boolean':
      return '`true`, `false`';
    case 'array':
      return `list, ${node.min ?? 0}–${node.max}`;
    case 'map':
      return `mapping, ≤${node.max}`;
    case 'object':
      return 'mapping';
    case 'any':
      return node.shapes ? node.shapes.map(typeText).join(' or ') : 'any';
    case 'pending':
      return '';
  }
}
