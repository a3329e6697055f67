import { botSpec, revisionFields } from './revision-spec.ts';
import { AGE_COLUMN, conditionColumn, fields, telling, text } from './schema.ts';
import type { KindDefinition } from './schema.ts';
import { conditions, observedGeneration } from './shared.ts';

const spec = fields('What the revision is made of. It cannot be changed.', {
  'botRef!': fields('The Bot this revision belongs to.', {
    'name!': text('Name of a Bot in the same namespace.', { minLength: 1, maxLength: 38 }),
  }),
  ...revisionFields(botSpec('The bot itself, written in the BotSpec language: flows, commands, texts. At most 200 KB.')),
}, { 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'a BotRevision cannot be changed; change the Bot, or make a BotRevision of another name' }] });

const artifact = fields('What was published for this revision; it never changes.', {
  'revHash!': text('Content address: hash of specification, compiler, limits and secret names.', { maxLength: 64 }),
  'sha256!': text('SHA-256 of bot.js, hex.', { maxLength: 64 }),
  'compiler!': text('Name and version of the compiler.', { maxLength: 128 }),
});

const status = fields('What became of the revision. Written by the operator only.', {
  observedGeneration,
  artifact,
  runtime: text('BotRuntime on which it was last loaded by the operator, to be proved or before its Bot moved there, as <namespace>_<name>.', { maxLength: 320 }),
  observedSecrets: text('Hash of the versions of the Secrets whose values were last handed to the executors.', { maxLength: 64 }),
  conditions: conditions('Ready: it may serve. SourceResolved, Published, Loaded, Healthy: the way there. Active: a route names it. Drained: no conversation can run on it. TestsPassed: only where the Bot asks for tests. Moved: only there, as False, while the pool that its Bot is to move to cannot load it. Stalled: it will never be ready.'),
});

/** BotRevision: one immutable version of a Bot. */
export const BOT_REVISION: KindDefinition = {
  kind: 'BotRevision',
  plural: 'botrevisions',
  singular: 'botrevision',
  shortNames: ['botrev'],
  description: 'BotRevision is one version of a Bot that never changes. The operator makes one for each new botSpec or template and removes old ones. One that a person applies serves only when a Bot names it in spec.revisionName, and is never removed.',
  spec,
  status,
  rules: [{ rule: 'size(self.metadata.name) <= 47', ...telling('metadata.name must have at most 47 characters', "', not ' + self.metadata.name") }],
  columns: [
    { name: 'Bot', type: 'string', jsonPath: '.spec.botRef.name' },
    conditionColumn('Ready', 'Ready'),
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    conditionColumn('Active', 'Active'),
    { name: 'RevHash', type: 'string', jsonPath: '.status.artifact.revHash', priority: 1 },
    { name: 'Runtime', type: 'string', jsonPath: '.status.runtime', priority: 1 },
    { name: 'Message', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
    AGE_COLUMN,
  ],
  selectableFields: ['.spec.botRef.name', '.status.runtime'],
};
