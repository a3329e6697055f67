import { compileBotSpec } from '../compile/compile.ts';
import type { Rehearsal } from '../engine/rehearse.ts';

/** Some of everything that most bots do. No regular expression: its library is large, and only some bots use one. */
const SPEC = {
  meta: { name: 'Rehearsal', locales: ['en', 'de'], defaultLocale: 'en' },
  localization: {
    en: { hello: 'Hi {{context.user.first_name}}!', order: 'Order', size: 'Which size?', cups: 'How many?', done: { one: 'One {{state.size}}.', other: '{{count}} of {{state.size}}.' } },
    de: { hello: 'Hallo {{context.user.first_name}}!' },
  },
  state: { size: { type: 'string' }, cups: { type: 'integer', default: 0 }, total: { type: 'number' } },
  commands: [{ command: 'start', description: '$t.order', flow: 'welcome' }],
  intents: [{ id: 'order', keywords: { en: ['coffee'] }, flow: 'order' }],
  fallback: { flow: 'welcome' },
  flows: {
    welcome: { steps: [{ reply: { text: '$t.hello', reply_markup: { inline_keyboard: [[{ text: '$t.order', goto: 'order' }]] } } }] },
    order: {
      timeout: { after: '30m', goto: 'late' },
      steps: [
        { id: 'size', choice: { text: '$t.size', options: [{ text: 'Small', value: 'small' }, { text: 'Large', value: 'large' }], save: 'size' } },
        { id: 'cups', ask: { text: '$t.cups', expect: 'integer', save: 'cups' } },
        { validate: { when: 'state.cups > 0 && state.cups < 10', attempts: 3, message: '$t.cups', retry: 'cups', otherwise: 'late' } },
        { save: { total: '= state.cups * 2.5' } },
        { branch: [{ when: "state.size == 'small' || has(state.total)", goto: 'done' }, { otherwise: 'late' }] },
        { id: 'done', reply: { text: '$t.done', count: '= state.cups' } },
      ],
      labels: { late: [{ reply: { text: '$t.hello' } }] },
    },
  },
};

/** What the engine rehearses; throws when the spec is no longer one. */
export function rehearsal(): Rehearsal {
  const compiled = compileBotSpec(SPEC);
  if (!compiled.ok) throw new Error(`the rehearsal does not compile: ${JSON.stringify(compiled.errors)}`);
  return { program: compiled.program, acts: ['/start', null, null, 'many', '20', '2', 'coffee please', 'Large', '3', 'what?'] };
}
