import { botSpec, botSpecInBrief, revisionFields } from './revision-spec.ts';
import { rollout, rolloutStatus, sunset } from './rollout.ts';
import { AGE_COLUMN, conditionColumn, fields, flag, integer, listOf, long, mapOf, telling, text, time } from './schema.ts';
import type { KindDefinition } from './schema.ts';
import { BOT_NAME_PATTERN, conditions, namespaceName, objectName, observedGeneration, secretKey } from './shared.ts';

const tokenSecretRef = fields('The Secret that holds the token from @BotFather, in the namespace of the Bot. Each token can serve one Bot only.', {
  'name!': objectName('Name of the Secret.'),
  key: secretKey('Key inside the Secret.', { default: 'token' }),
});

const runtimeRef = fields('The BotRuntime whose pods run this bot. Left out: the BotRuntime `default` in the namespace where Botplane is installed.', {
  'name!': objectName('Name of the BotRuntime.'),
  namespace: namespaceName('Namespace of the BotRuntime. Left out: the namespace of the Bot.'),
});

const template = fields('Describes the next BotRevision in full. Use it instead of botSpec when limits, secrets, labels or annotations are needed.', {
  metadata: fields('Copied to the BotRevision. A change of it alone makes no new revision.', {
    labels: mapOf('Labels of the BotRevision.', { type: 'string', maxLength: 63 }, 32),
    annotations: mapOf('Annotations of the BotRevision.', { type: 'string', maxLength: 4096 }, 32),
  }),
  'spec!': fields('Spec of the BotRevision, without botRef. A change of it makes a new revision.', revisionFields(botSpecInBrief('The bot itself, written in the BotSpec language. At most 200 KB. `kubectl explain bot.spec.botSpec` describes its fields.'))),
});

const spec = fields('What the bot should be.', {
  // A second one comes with a rule that it cannot be changed; beside a list of one such a rule is never asked.
  'platform!': text('The messenger. It cannot be changed.', { enum: ['Telegram'] }),
  'tokenSecretRef!': tokenSecretRef,
  updates: text('How updates come in. Webhook: Telegram calls Botplane. Polling: Botplane asks Telegram (getUpdates), for installs that Telegram cannot reach. A change loses no update.', { enum: ['Webhook', 'Polling'], default: 'Webhook' }),
  runtimeRef,
  suspend: flag('True: the bot answers nothing. Its webhook is removed; Telegram keeps waiting updates for up to 24 hours and delivers them after resumption.'),
  botSpec: botSpec('The bot itself, written in the BotSpec language; short for template.spec.source.botSpec. Exactly one of botSpec and template is given. At most 200 KB.'),
  template,
  revisionName: text('Pins this BotRevision: it serves all traffic, whatever botSpec or template say. New revisions are still built and proved, and wait. Remove the field to go on.', { minLength: 1, maxLength: 63 }),
  rollout,
  revisionHistoryLimit: integer('How many BotRevisions that serve nothing are kept for going back. Those that a person applied are not counted and never removed.', { minimum: 0, maximum: 100, default: 5 }),
  sunset,
  deletionPolicy: text('What becomes of the state of the chats, dead letters and artefacts once the Bot is deleted. Retain: a Bot of the same name finds them again.', { enum: ['Retain', 'Delete'], default: 'Retain' }),
}, {
  'x-kubernetes-validations': [{ rule: 'has(self.botSpec) != has(self.template)', ...telling('exactly one of botSpec and template is required', "', not ' + (has(self.botSpec) ? 'both' : 'neither')") }],
});

const webhook = fields('What was last registered at Telegram.', {
  url: text('Address that Telegram calls.', { maxLength: 2048 }),
  settingsHash: text('Hash of what setWebhook was called with; a difference makes it be called again.', { maxLength: 64 }),
  settledFor: text('Hash of all that webhook and commands depend on when both were last as wanted; while it is the same, nothing is looked up for them.', { maxLength: 64 }),
  commandsHash: text('Hash of the command lists that were set with setMyCommands.', { maxLength: 64 }),
  commandLanguages: listOf('Languages for which command lists are set; the empty word is the list for all others.', { type: 'string', maxLength: 2 }, 64),
});

const superseded = fields('A revision that serves conversations which began on it.', {
  'revision!': text('Name of the BotRevision.', { maxLength: 63 }),
  'since!': time('When another revision took over.'),
});

const status = fields('What the bot is. Written by the operator only.', {
  observedGeneration,
  telegram: fields('The account at Telegram that the token belongs to.', {
    'id!': long('Telegram\'s id of the bot.'),
    'username!': text('Username of the bot, without @.', { maxLength: 64 }),
  }),
  observedToken: text('Version of the token Secret that was last accepted by Telegram.', { maxLength: 128 }),
  latestCreatedRevision: text('BotRevision made from the current botSpec or template.', { maxLength: 63 }),
  latestReadyRevision: text('Newest BotRevision of this Bot that is ready.', { maxLength: 63 }),
  stableRevision: text('BotRevision that serves, except for the chats of canaryRevision.', { maxLength: 63 }),
  ...rolloutStatus,
  servingState: text('Serving, or Suspended: what the route says.', { enum: ['Serving', 'Suspended'] }),
  routeSeq: long('Number of the current routing decision; it only grows.', { minimum: 0 }),
  superseded: listOf('Earlier revisions that finish their conversations, newest first.', superseded, 10),
  webhook,
  conditions: conditions('Ready: this generation serves all traffic. Available: an update sent now is answered (alert on this one). Reconciling: work is under way. Stalled: only a change of the manifest helps. RevisionReady, WebhookRegistered, Pinned: parts of these. RolloutPaused: the rollout waits for a person. RolloutFailed: the current template was given up.'),
});

/** Bot: what a person writes. */
export const BOT: KindDefinition = {
  kind: 'Bot',
  plural: 'bots',
  singular: 'bot',
  shortNames: ['bot'],
  description: 'Bot is one chat bot: its token, what it says and which revision of it serves. Each change of botSpec or template makes a BotRevision, which takes over once it is compiled, loaded and proved.',
  spec,
  status,
  rules: [{
    rule: `self.metadata.name.matches('${BOT_NAME_PATTERN}')`,
    ...telling('metadata.name must begin with a letter, hold only a-z, 0-9 and -, end with a letter or digit, and have at most 38 characters', "', not ' + self.metadata.name"),
  }],
  columns: [
    conditionColumn('Ready', 'Ready'),
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    conditionColumn('Available', 'Available'),
    { name: 'Revision', type: 'string', jsonPath: '.status.stableRevision', description: 'BotRevision that serves.' },
    { name: 'Canary', type: 'string', jsonPath: '.status.canaryRevision', description: 'BotRevision that is being rolled out.' },
    { name: 'Weight', type: 'integer', jsonPath: '.status.canaryWeight', description: 'Percent of the chats that the canary serves.' },
    { name: 'Step', type: 'integer', jsonPath: '.status.currentStep', description: 'Step of the rollout, counted from 0.' },
    conditionColumn('Pinned', 'Pinned'),
    { name: 'Username', type: 'string', jsonPath: '.status.telegram.username', priority: 1 },
    { name: 'Runtime', type: 'string', jsonPath: '.spec.runtimeRef.name', priority: 1 },
    { name: 'Message', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
    AGE_COLUMN,
  ],
  selectableFields: ['.spec.platform', '.spec.runtimeRef.name', '.spec.tokenSecretRef.name'],
};
