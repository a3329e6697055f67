import { crdProjection } from '@botplane/botspec';
import { fields, text } from './schema.ts';
import type { CrdSchema } from './schema.ts';
import { objectName, revisionLimits, secretKey, secretRefs } from './shared.ts';

/** Type of an inline BotSpec in generated TypeScript: its language is the compiler's, not Kubernetes'. */
const BOT_SPEC_TYPE = 'Record<string, unknown>';

/** Schema of an inline BotSpec under the given description. */
export function botSpec(description: string): CrdSchema {
  return { ...(crdProjection() as CrdSchema), description, tsType: BOT_SPEC_TYPE };
}

const source = (): CrdSchema => fields('Where the bot comes from: exactly one kind of source.', {
  botSpec: botSpec('The bot itself, written in the BotSpec language: flows, commands, texts. At most 200 KB.'),
  configMapRef: fields('A BotSpec in a ConfigMap of the namespace, for specs over 200 KB. Changed content makes a new BotRevision.', {
    'name!': objectName('Name of the ConfigMap.'),
    key: secretKey('Key inside the ConfigMap.', { default: 'botspec.yaml' }),
    digest: text('SHA-256 of the content, in hex. The operator fills it in; a revision is built from this content only.', { pattern: '^[0-9a-f]{64}$' }),
  }),
}, { 'x-kubernetes-validations': [{ rule: 'has(self.botSpec) != has(self.configMapRef)', message: 'source needs exactly one of: botSpec, configMapRef' }] });

/** What a revision is made of: the fields that BotRevision.spec and Bot.spec.template.spec share. */
export const revisionFields = (): Record<string, CrdSchema> => ({
  'source!': source(),
  limits: revisionLimits,
  secretRefs,
});
