import { fields, integer, listByKey, long, text, time } from './schema.ts';
import type { CrdSchema } from './schema.ts';

/** A DNS-1035 label of at most 38 characters: with `-<hash8>` behind it (47) it still fits every name derived from it. */
export const BOT_NAME_PATTERN = '^[a-z]([-a-z0-9]{0,36}[a-z0-9])?$';
const LABEL_PATTERN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';
const SUBDOMAIN_PATTERN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';

export const namespaceName = (description: string): CrdSchema => text(description, { minLength: 1, maxLength: 63, pattern: LABEL_PATTERN });
export const objectName = (description: string): CrdSchema => text(description, { minLength: 1, maxLength: 253, pattern: SUBDOMAIN_PATTERN });
export const secretKey = (description: string, extra: { default?: string } = {}): CrdSchema =>
  text(description, { minLength: 1, maxLength: 253, pattern: '^[-._a-zA-Z0-9]+$', ...extra });

/** metav1.Condition, as a list by type. */
export const conditions = (description: string): CrdSchema => listByKey(description, 'type', {
  ...fields('One aspect of the current state.', {
    'type!': text('Name of the aspect, e.g. Ready.', { maxLength: 316 }),
    'status!': text('True, False or Unknown.', { enum: ['True', 'False', 'Unknown'] }),
    'reason!': text('One word for programs: why the status is what it is.', { minLength: 1, maxLength: 1024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' }),
    'message!': text('A sentence for people: what happened and what would help.', { maxLength: 32768 }),
    'lastTransitionTime!': time('When the status last changed.'),
    observedGeneration: long('metadata.generation that this condition speaks about.', { minimum: 0 }),
  }),
}, 24);

export const observedGeneration = long('metadata.generation that was last worked on; older than metadata.generation means: not seen yet.', { minimum: 0 });

/** Limits of one revision inside a sandbox. */
export const revisionLimits = fields('What one revision may use inside its sandbox. Left out: the defaults of the BotRuntime.', {
  memoryMiB: integer('Memory of the isolate in MiB.', { minimum: 8, maximum: 256 }),
  cpuMs: integer('CPU time of one step in milliseconds.', { minimum: 5, maximum: 1000 }),
});

/** Secrets that only the executor sees; apiCall headers name them. */
export const secretRefs = listByKey('Values for `{{secret.NAME}}` in headers of apiCall. The bot itself never sees them.', 'name', fields('One value.', {
  'name!': text('NAME in `{{secret.NAME}}`.', { minLength: 1, maxLength: 63, pattern: '^[A-Za-z][A-Za-z0-9_]*$' }),
  'secretName!': objectName('Name of a Secret in the namespace of the Bot.'),
  'key!': secretKey('Key inside that Secret.'),
}), 32);
