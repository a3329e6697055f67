import { LIMITS } from './limits.ts';
import { any, bool, integer, list, map, object, oneOf, pending, text } from './node.ts';
import type { ObjectNode, SchemaNode } from './node.ts';
import { COMMAND_PATTERN, LOCALE_PATTERN, duration, name, step, timeout } from './step-schema.ts';
import { testCase } from './tests-schema.ts';

const locale = (description: string): SchemaNode => text(description, { pattern: LOCALE_PATTERN, maxLength: 35 });

const plural = object('A plural text, chosen by `count` of the step.', {
  zero: text('Zero.'), one: text('One.'), two: text('Two.'), few: text('Few.'), many: text('Many.'), other: text('All others.'),
}, { typeName: 'PluralText', required: ['other'] });

const ownText = (when: string): SchemaNode => text(`${when} Literal text or $t.key; without it a text of ours in the chat's language.`, { maxLength: LIMITS.textCharsMax });

const meta = object('What the bot is.', {
  name: text('Name of the bot, for people.', { minLength: 1, maxLength: 64 }),
  locales: list('Languages the bot speaks.', locale('Language tag.'), 1, LIMITS.localesMax),
  defaultLocale: locale('One of locales.'),
  timezone: text('IANA time zone; default UTC.', { maxLength: 64 }),
  stateKey: oneOf('What state and conversation are kept by; default chat_user. Cannot change between revisions.', 'chat_user', 'chat', 'user', 'thread'),
  commandsInFlow: oneOf('What a command does to a running conversation: drops it (replace, default) or sets it aside.', 'replace', 'suspend'),
  groups: oneOf('In groups, intents and fallback: when addressed (default), always, or never.', 'addressed', 'all', 'none'),
  idleTimeout: duration('Ends a conversation that waits without a timeout; default 24h.'),
  messageDefaults: any('Fields for every message, e.g. {parse_mode: HTML}.'),
  onMissingStep: name('Flow for a conversation whose step is gone; default: fallback.'),
  retention: duration('Keeps the messages of the bot for so long; without it none are kept.'),
  piiPolicy: oneOf('What stands for values of state keys with pii: true in kept messages: *** (mask, default), a keyed hash, or nothing (drop).', 'mask', 'hash', 'drop'),
}, { typeName: 'Meta', required: ['name', 'locales', 'defaultLocale'] });

const stateKey = object('One declared key.', {
  type: oneOf('Type of the value.', 'string', 'integer', 'number', 'boolean', 'object', 'array'),
  default: any('Value while none is saved; of the type.'),
  pii: bool('Personal data: masked wherever people look.'),
  ttl: duration('Forgotten this long after the last write.'),
}, { typeName: 'StateKey', required: ['type'] });

const command = object('One command.', {
  command: text('Without the slash.', { pattern: COMMAND_PATTERN }),
  description: text('Shown in the menu of commands; needed unless hidden.', { minLength: 1, maxLength: 256 }),
  flow: name('The flow it starts.'),
  inFlow: oneOf('Overrides meta.commandsInFlow.', 'replace', 'suspend'),
  hidden: bool('Not shown in the menu.'),
}, { typeName: 'Command', required: ['command', 'flow'] });

const intent = object('Keywords that start a flow.', {
  id: name('Name of the intent.'),
  keywords: map('Words or phrases by locale.', list('Keywords.', text('Keyword.', { minLength: 1, maxLength: 100 }), 1, LIMITS.keywordsPerLocaleMax), LIMITS.localesMax, 1),
  priority: integer('Higher first; default 0.', -1_000, 1_000),
  cooldownSec: integer('A match this soon after the last one is swallowed; default 0.', 0, 86_400),
  flow: name('The flow it starts.'),
}, { typeName: 'Intent', required: ['id', 'keywords', 'flow'] });

const flow = object('Steps that run one after the other.', {
  steps: list('The steps.', step, 1, LIMITS.stepsPerFlowMax),
  labels: map('Side ways, reached by goto only; the flow ends after their last step.', list('The steps.', step, 1, LIMITS.stepsPerFlowMax), LIMITS.labelsPerFlowMax),
  timeout: timeout('Default of every wait in the flow.'),
  onNewMessage: oneOf('What a newer message of the same conversation does to one that is not settled: waits for it (queue, default), or takes its place (supersede).', 'queue', 'supersede'),
}, { typeName: 'Flow', required: ['steps'] });

const security = object('What the bot may reach.', {
  allowDomains: list('Hosts for apiCall: exact, *.x for subdomains, host:port.', text('Host.', { minLength: 1, maxLength: 253 }), 0, LIMITS.allowDomainsMax),
  maxApiResponseKB: integer('Largest answer of an API; default 64.', 1, LIMITS.apiResponseKBMax),
}, { typeName: 'Security' });

/** Events a spec may ask for. */
export const TELEMETRY_EVENTS = ['flow_started', 'flow_ended', 'step_completed', 'validation_failed', 'api_ok', 'api_error', 'intent_matched', 'fallback', 'timeout'] as const;

/** BotSpec v1, written down once (botspec.md is the reference for people). */
export const BOT_SPEC_SCHEMA: ObjectNode = object('BotSpec v1: what the bot says and does.', {
  schemaVersion: integer('Version of the language: 1.', 1, 1),
  meta,
  localization: map('Texts by locale and key.', map('Texts of one locale.', any('Text, or plural forms.', text('Text.'), plural), LIMITS.textsPerLocaleMax), LIMITS.localesMax),
  values: any('Constants, read as context.values.x.'),
  state: map('Keys that steps may save.', stateKey, LIMITS.stateKeysMax),
  commands: list('Commands.', command, 0, LIMITS.commandsMax),
  intents: list('Keywords outside a conversation.', intent, 0, LIMITS.intentsMax),
  fallback: object('What runs when nothing else fits.', { flow: name('The flow.') }, { typeName: 'Fallback', required: ['flow'] }),
  flows: map('Flows by name.', flow, LIMITS.flowsMax, 1),
  security,
  telemetry: object('Events to count.', { events: list('Names.', oneOf('Event.', ...TELEMETRY_EVENTS), 0, 50) }, { typeName: 'Telemetry' }),
  errorText: ownText('Sent when a step fails.'),
  reaskText: ownText('Sent when an input does not fit and the step has no reask.'),
  staleText: ownText('Answer to a press whose step waits no more.'),
  triggers: pending('Flows by grammY filter queries.', 'use commands, intents and fallback'),
  tests: list('Conversations that prove the bot; `botplane test` runs them.', testCase, 0, LIMITS.testsMax),
}, { typeName: 'BotSpec', required: ['meta', 'flows'] });
