import { crdProjection } from '@botplane/botspec';
import { fields } from './schema.ts';
import type { CrdSchema } from './schema.ts';
import { revisionLimits, secretRefs } from './shared.ts';

/** Type of an inline BotSpec in generated TypeScript: its language is the compiler's, not Kubernetes'. */
const BOT_SPEC_TYPE = 'Record<string, unknown>';

/** Schema of an inline BotSpec under the given description. */
export function botSpec(description: string): CrdSchema {
  return { ...(crdProjection() as CrdSchema), description, tsType: BOT_SPEC_TYPE };
}

const source = (): CrdSchema => fields('Where the bot comes from: exactly one kind of source.', {
  botSpec: botSpec('The bot itself, written in the BotSpec language: flows, commands, texts. At most 200 KB.'),
}, { 'x-kubernetes-validations': [{ rule: 'has(self.botSpec)', message: 'source needs exactly one of: botSpec' }] });

/** What a revision is made of: the fields that BotRevision.spec and Bot.spec.template.spec share. */
export const revisionFields = (): Record<string, CrdSchema> => ({
  'source!': source(),
  limits: revisionLimits,
  secretRefs,
});
