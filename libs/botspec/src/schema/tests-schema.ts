import { LIMITS } from './limits.ts';
import { any, bool, integer, list, map, object, oneOf, text } from './node.ts';
import type { ObjectNode, SchemaNode } from './node.ts';
import { duration } from './step-schema.ts';

const line = (description: string): SchemaNode => text(`${description} Literal text or $t.key.`, { maxLength: LIMITS.textCharsMax });

const user = (description: string): ObjectNode => object(description, {
  id: integer('Id at Telegram.', 1, Number.MAX_SAFE_INTEGER),
  first_name: text('First name.', { maxLength: 64 }),
  language_code: text('Language of their Telegram.', { maxLength: 35 }),
}, { typeName: 'TestUser', required: ['id'], open: true });

const apiAnswer = object('An answer for apiCall. Several for the same call are given in turn, the last one again and again.', {
  method: oneOf('Default GET.', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'),
  url: text('The whole URL, its query included.', { minLength: 1, maxLength: 2_048 }),
  body: any('The JSON body that the call must have; without it any.'),
  status: integer('Default 200.', 100, 599),
  json: any('Body of the answer; default null.'),
  headers: map('Headers of the answer.', text('Value.'), 50),
  error: oneOf('Fails without an answer.', 'timeout', 'network', 'not_json', 'too_large', 'denied'),
}, { typeName: 'TestApiAnswer', required: ['url'] });

const expected = object('The next message of the bot. Other fields are those of the Bot API call and must be equal.', {
  text: line('The whole text or caption; what a template substitutes may be anything.'),
  contains: line('Part of the text or caption.'),
  matches: text('RE2 expression found in the text or caption.', { minLength: 1, maxLength: LIMITS.regexCharsMax }),
  count: integer('Chooses the form of a plural text, and is its {{count}}.', 0, Number.MAX_SAFE_INTEGER),
  buttons: list('All buttons in order, of either kind of keyboard; [] for none.', line('Label.'), 0, LIMITS.optionsMax),
}, { typeName: 'TestExpect', open: true });

const testStep = object('One step: exactly one of say, send, tap, wait, expect, answer, silence.', {
  say: line('The person writes a text.'),
  send: object("The person sends something else: fields of Telegram's Message.", {}, { open: true }),
  tap: line('The person presses the newest button with this label.'),
  wait: duration('Time passes; timers that fall due fire.'),
  expect: expected,
  answer: line('The toast or alert that the last press was answered with; empty text for none.'),
  silence: bool('True: no further message came.'),
  from: user('Who acts, when it is not `user` of the test.'),
}, { typeName: 'TestStep' });

/** `tests:`: conversations that prove the bot, run by `botplane test`. */
export const testCase: ObjectNode = object('A conversation that proves the bot.', {
  name: text('What it shows.', { minLength: 1, maxLength: 200 }),
  user: user('Who talks to the bot; default {id: 1, first_name: Ann}.'),
  chat: object("Where; default the person's private chat.", {
    id: integer('Id of the chat.', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    type: oneOf('Kind of chat.', 'private', 'group', 'supergroup'),
  }, { typeName: 'TestChat', required: ['id', 'type'], open: true }),
  now: text('When it begins, in ISO 8601; default 2026-01-01T12:00:00Z.', { maxLength: 35 }),
  api: list('Answers for apiCall; a call without one fails the test.', apiAnswer, 0, 50),
  steps: list('What happens.', testStep, 1, LIMITS.testStepsMax),
}, { typeName: 'TestCase', required: ['name', 'steps'], opaque: true });
