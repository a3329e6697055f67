import { LIMITS } from './limits.ts';
import { any, bool, integer, list, map, object, oneOf, pending, text } from './node.ts';
import type { ObjectNode, SchemaNode } from './node.ts';

export const NAME_PATTERN = '^[A-Za-z][A-Za-z0-9_]{0,62}$';
export const LOCALE_PATTERN = '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$';
export const COMMAND_PATTERN = '^[a-z0-9_]{1,32}$';
export const DURATION_PATTERN = '^[1-9][0-9]{0,6}[smhd]$';

export const name = (description: string): SchemaNode => text(description, { pattern: NAME_PATTERN });
export const duration = (description: string): SchemaNode => text(`${description} 1s to 30d, one unit (s m h d).`, { pattern: DURATION_PATTERN, maxLength: 8 });
const target = (description: string): SchemaNode => text(`${description} \`end\`, a step id or label of this flow, or a flow.`, { pattern: NAME_PATTERN });
const cel = (description: string): SchemaNode => text(`${description} CEL, without the prefix "= ".`, { minLength: 1, maxLength: LIMITS.expressionCharsMax });
const person = (description: string): SchemaNode => text(`${description} Literal text or $t.key; {{…}} substitutes.`, { maxLength: LIMITS.textCharsMax });

export const timeout = (description: string): ObjectNode =>
  object(description, { after: duration('How long the step waits.'), goto: target('Where the conversation goes then.') }, { typeName: 'Timeout', required: ['after', 'goto'] });

const messageFields: { [field: string]: SchemaNode } = {
  text: person('Text of the message.'),
  photo: text('https://… or a file_id.'),
  document: text('https://… or a file_id.'),
  video: text('https://… or a file_id.'),
  audio: text('https://… or a file_id.'),
  voice: text('https://… or a file_id.'),
  sticker: text('A file_id.'),
  animation: text('https://… or a file_id.'),
  location: any('{latitude, longitude}: sends a point on the map.', object('A point.', { latitude: any('Number, template or CEL.'), longitude: any('Number, template or CEL.') }, { open: true })),
  caption: person('Caption of the media.'),
  parse_mode: oneOf('How Telegram reads the markup of the text.', 'HTML', 'MarkdownV2', 'Markdown'),
  reply_markup: any("Telegram's keyboard; a button may have `goto` instead of Telegram's actions."),
  count: any('Chooses the plural form and is {{count}}: a number or "= CEL".'),
  chat_id: any('Sends elsewhere: number, @name or "= CEL".'),
  ref: pending('Name under which later steps edit or delete the message.', 'leave `ref` out'),
};

const wait: { [field: string]: SchemaNode } = {
  reask: person('Sent when the input does not fit; a text of ours without it.'),
  timeout: timeout('How long this step waits; before the timeout of the flow.'),
};

export const replyStep = object("Sends a message. Exactly one of text, photo, document, video, audio, voice, sticker, animation, location; other fields are those of that Bot API method.", messageFields, { typeName: 'Reply', open: true });

export const askStep = object('Sends a message and waits for an answer.', {
  ...messageFields,
  ...wait,
  expect: oneOf('What is taken; default text.', 'text', 'integer', 'number', 'email', 'phone', 'date', 'contact', 'location', 'photo', 'document', 'any'),
  button: person('Text of the button that shares a contact, phone or location in a private chat.'),
  save: name('State key that receives the answer.'),
}, { typeName: 'Ask', open: true });

const option = object('One option.', {
  text: person('What the person sees, and may type.'),
  value: any('Saved to `save`: a literal or "= CEL".'),
  goto: target('Where a choice of this option goes.'),
}, { typeName: 'ChoiceOption', required: ['text'] });

export const choiceStep = object('Sends a message with options and waits for one of them.', {
  ...messageFields,
  ...wait,
  options: any('1 to 100 options, or "= CEL" that gives such a list.', list('Options.', option, 1, LIMITS.optionsMax), text('"= CEL"')),
  columns: integer('Buttons per row; default 1.', 1, 8),
  keyboard: oneOf('inline (default): buttons under the message; reply: a one-time keyboard.', 'inline', 'reply'),
  save: name("State key that receives the option's value."),
  removeButtons: bool('Takes the buttons off the message once one was pressed.'),
}, { typeName: 'Choice', required: ['options'], open: true });

const validateStep = object('Checks a value; wrong input is asked for again. Exactly one of regex, schema and when.', {
  regex: text('RE2 expression, searched anywhere in the value.', { minLength: 1, maxLength: LIMITS.regexCharsMax }),
  schema: any('JSON Schema (2020-12) of the value; references stay inside it.'),
  when: cel('True when the value is good.'),
  value: any('Template or "= CEL"; default: what step `retry` saved.'),
  attempts: integer('Wrong inputs in all before `otherwise`; default 3.', 1, 100),
  message: person('Sent after wrong input, but not after the last one.'),
  retry: name('Id of the ask or choice that waits again; default: the nearest one before.'),
  otherwise: target('Where it goes after the last attempt; default: errorText.'),
}, { typeName: 'Validate' });

const apiCallStep = object('Calls an HTTPS API that security.allowDomains names.', {
  method: oneOf('Default GET.', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'),
  url: text('https URL; substituted values are percent-encoded.', { minLength: 1, maxLength: 2_048 }),
  query: map('Query parameters: literals, templates or "= CEL"; null leaves one out.', any('Value.'), 50),
  headers: map('Headers; {{secret.NAME}} stands for a secret of the revision.', text('Value.', { maxLength: 4_096 }), 50),
  json: any('Body: literals, templates or "= CEL" anywhere inside.'),
  timeoutMs: integer('Per attempt, and at random up to a tenth more, so that calls that hang together do not end together; default 5000.', 1, LIMITS.apiTimeoutMsMax),
  retries: integer('Further attempts after network errors, 429 and 5xx; default 0.', 0, LIMITS.apiRetriesMax),
  backoffMs: integer('First pause between attempts, doubling, and at random up to a tenth more; default 200.', 0, 5_000),
  save: name('State key that receives the whole body.'),
  map: map('State keys and "= CEL" over `response` {status, headers, body}.', text('"= CEL"', { maxLength: LIMITS.expressionCharsMax }), 50),
  onError: target('Where it goes when the call fails; context.error says why.'),
}, { typeName: 'ApiCall', required: ['url'] });

const branch = object('One way out.', {
  when: cel('Taken when true.'),
  goto: target('Where it goes.'),
  otherwise: target('Last entry only: where it goes when none was true.'),
}, { typeName: 'Branch' });

const gotoTarget = object('A guarded jump.', {
  to: target('Where it goes.'),
  when: cel('Goes only when true.'),
  elseNext: target('Where it goes when `when` is false; default: the next step.'),
}, { typeName: 'Goto', required: ['to'] });

const later = (what: string): SchemaNode => pending(what, 'remove the step');

export const step = object('One step: exactly one kind, and an optional id.', {
  id: name('Unique in the flow, its labels included.'),
  reply: replyStep,
  ask: askStep,
  choice: choiceStep,
  validate: validateStep,
  save: map('Sets state: literals, templates, "= CEL"; null forgets. `locale` is the language of the chat.', any('Value.'), 50, 1),
  apiCall: apiCallStep,
  goto: any('Goes elsewhere: a target, or {to, when, elseNext}.', target('Where it goes.'), gotoTarget),
  branch: list('The first entry that is true decides; none: the next step.', branch, 1, LIMITS.branchesMax),
  call: object('Runs another flow, then the next step.', { flow: name('The flow.') }, { typeName: 'Call', required: ['flow'] }),
  end: object('Ends the flow.', {
    all: bool('Ends the whole conversation and one that was set aside.'),
    clear: list('State keys to forget first.', name('State key.'), 1, LIMITS.stateKeysMax),
  }, { typeName: 'End', nullable: true }),
  menu: later('A menu that edits itself.'),
  edit: later('Edits a message.'),
  delete: later('Deletes a message.'),
  react: later('Sets a reaction.'),
  ai: later('Asks an AI model.'),
  pay: later('Asks for a payment.'),
  balance: later('Shows a balance.'),
  points: later('Moves points.'),
  schedule: later('Runs a flow later.'),
  wait: later('Pauses.'),
  handoff: later('Hands the chat to a person.'),
  moderate: later('Moderates a group.'),
  emit: later('Emits an event.'),
  run: later("Runs the author's code."),
}, { typeName: 'Step' });
