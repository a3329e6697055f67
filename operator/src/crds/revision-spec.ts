import { crdProjection } from '@botplane/botspec';
import { fields, telling, text } from './schema.ts';
import type { CrdSchema } from './schema.ts';
import { objectName, revisionLimits, secretKey, secretRefs } from './shared.ts';

/** Type of an inline BotSpec in generated TypeScript: its language is the compiler's, not Kubernetes'. */
const BOT_SPEC_TYPE = 'Record<string, unknown>';

/** Schema of an inline BotSpec under the given description. */
export function botSpec(description: string): CrdSchema {
  return { ...(crdProjection() as CrdSchema), description, tsType: BOT_SPEC_TYPE };
}

/** The same without words about its fields, for a kind that has the whole of it elsewhere: a CRD may have 200 KB. */
export function botSpecInBrief(description: string): CrdSchema {
  return { ...withoutDescriptions(botSpec(description)), description };
}

function withoutDescriptions({ description: _, ...schema }: CrdSchema): CrdSchema {
  const each = (children: Record<string, CrdSchema>): Record<string, CrdSchema> => Object.fromEntries(Object.entries(children).map(([name, child]) => [name, withoutDescriptions(child)]));
  return {
    ...schema,
    ...(schema.properties ? { properties: each(schema.properties) } : {}),
    ...(schema.items ? { items: withoutDescriptions(schema.items) } : {}),
    ...(schema.additionalProperties ? { additionalProperties: withoutDescriptions(schema.additionalProperties) } : {}),
  };
}

const source = (inline: CrdSchema): CrdSchema => fields('Where the bot comes from: exactly one kind of source.', {
  botSpec: inline,
  configMapRef: fields('A BotSpec in a ConfigMap of the namespace, for specs over 200 KB. Changed content makes a new BotRevision.', {
    'name!': objectName('Name of the ConfigMap.'),
    key: secretKey('Key inside the ConfigMap.', { default: 'botspec.yaml' }),
    digest: text('SHA-256 of the content, in hex. The operator fills it in; a revision is built from this content only.', { pattern: '^[0-9a-f]{64}$' }),
  }),
  bundleRef: fields('A bundle in the object store of the install: bot.yaml and the files that it names as ./path. `npx botplane bundle` makes it.', {
    'digest!': text('SHA-256 of the bundle, in hex; it lies under bundles/<digest>.tar.', { pattern: '^[0-9a-f]{64}$' }),
  }),
}, { 'x-kubernetes-validations': [{ rule: '[has(self.botSpec), has(self.configMapRef), has(self.bundleRef)].exists_one(given, given)', ...telling('source needs exactly one of: botSpec, configMapRef, bundleRef', "([has(self.botSpec), has(self.configMapRef), has(self.bundleRef)].exists(given, given) ? ', not several' : ', not none')") }] });

/** What a revision is made of: the fields that BotRevision.spec and Bot.spec.template.spec share. */
export const revisionFields = (inline: CrdSchema): Record<string, CrdSchema> => ({
  'source!': source(inline),
  limits: revisionLimits,
  secretRefs,
  isolation: text('Where it runs. Pooled (default): in a sandbox in pods that it shares with other bots. Dedicated: in pods of its own in the namespace of the Bot, made like those of the BotRuntime that the Bot names.', { enum: ['Pooled', 'Dedicated'] }),
});
