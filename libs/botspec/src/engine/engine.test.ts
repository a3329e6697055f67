import { describe, expect, it } from 'vitest';
import type { GuestOutput } from '@botplane/contracts';
import { createEngine } from '../index.ts';
import { ANN, BOT, Player, compileValue, ok } from '../../test/player.ts';
import type { Person } from '../../test/player.ts';

type Part = { [key: string]: unknown };

/** A bot of the given flows; `main` is started by /go, `help` (when there) by /help. */
function bot(flows: { [name: string]: Part | unknown[] }, more: Part = {}, meta: Part = {}): Player {
  const all = Object.fromEntries(Object.entries(flows).map(([name, flow]) => [name, Array.isArray(flow) ? { steps: flow } : flow]));
  const commands = [{ command: 'go', flow: 'main', hidden: true }, ...(all['help'] ? [{ command: 'help', flow: 'help', hidden: true, inFlow: 'suspend' }] : [])];
  const state = { name: { type: 'string' }, age: { type: 'integer' }, price: { type: 'number' }, cart: { type: 'object' }, flag: { type: 'boolean' }, list: { type: 'array' } };
  return new Player(compileValue({ meta: { name: 'T', locales: ['en', 'de'], defaultLocale: 'en', ...meta }, state, commands, flows: all, security: { allowDomains: ['api.example'] }, ...more }));
}

const ask = (text: string, save = 'name', more: Part = {}): Part => ({ ask: { text, save, ...more } });
const reply = (text: string, more: Part = {}): Part => ({ reply: { text, ...more } });

describe('ask', () => {
  it.each([
    ['integer', 'age', ' -7 ', -7], ['integer', 'age', '+12', 12], ['number', 'price', '3,5', 3.5], ['number', 'price', '0.25', 0.25], ['text', 'name', '  hi  ', 'hi'],
  ])('[P1] takes %s', (expected, save, text, value) => {
    const player = bot({ main: [ask('?', save, { expect: expected }), reply('ok')] });
    player.say('/go');
    expect(player.say(text)).toEqual(['ok']);
    expect(player.stateOf().values).toEqual({ [save]: value });
  });

  it.each([
    ['integer', 'age', '3.5', 'Please answer with a whole number, for example 3.'], ['integer', 'age', '1234567890123456', 'Please answer with a whole number, for example 3.'],
    ['number', 'price', '1.000,5', 'Please answer with a number, for example 3.5.'], ['number', 'price', '٣', 'Please answer with a number, for example 3.5.'], ['text', 'name', '/foo', 'Please answer with a text message.'],
  ])('asks again when %s gets something else', (expected, save, text, reask) => {
    const player = bot({ main: [ask('?', save, { expect: expected })] });
    player.say('/go');
    const { timers } = player.last;
    expect(player.say(text)).toEqual([reask]);
    expect(player.last.timers).toEqual(timers);
  });

  it("sends the author's reask, and built-in texts in the chat's language", () => {
    const player = bot({ main: [ask('?', 'age', { expect: 'integer', reask: 'A number, {{context.user.first_name}}!' })] });
    player.say('/go');
    expect(player.say('x')).toEqual(['A number, Ann!']);
    const german: Person = { id: 9, first_name: 'Eva', language_code: 'de' };
    const other = bot({ main: [ask('?', 'age', { expect: 'integer' })] });
    other.say('/go', german);
    expect(other.say('x', german)).toEqual(['Bitte antworte mit einer ganzen Zahl, zum Beispiel 3.']);
  });

  it('replies to the person in a group, so that privacy mode lets the answer through', () => {
    const player = bot({ main: [ask('name?')] });
    player.message({ text: '/go', chat: { id: -5, type: 'supergroup' }, is_topic_message: true, message_thread_id: 4 });
    expect(player.last.effects[0]).toMatchObject({ chat: '-5', params: { chat_id: -5, message_thread_id: 4, reply_parameters: { message_id: 1 }, reply_markup: { force_reply: true, selective: true } } });
  });
});

describe('choice', () => {
  it('makes rows of columns, reply keyboards, and takes buttons off once pressed', () => {
    const options = ['a', 'b', 'c'].map((text) => ({ text, value: text }));
    const player = bot({ main: [{ choice: { text: '1', options, columns: 2, save: 'name', removeButtons: true } }, { choice: { text: '2', options, keyboard: 'reply', save: 'name' } }] });
    player.say('/go');
    expect(player.last.effects[0]?.params['reply_markup']).toMatchObject({ inline_keyboard: [[{ text: 'a' }, { text: 'b' }], [{ text: 'c' }]] });
    player.tap('b');
    expect(player.last.effects.map((effect) => effect.method)).toEqual(['answerCallbackQuery', 'editMessageReplyMarkup', 'sendMessage']);
    expect(player.last.effects[2]?.params['reply_markup']).toMatchObject({ keyboard: [[{ text: 'a' }], [{ text: 'b' }], [{ text: 'c' }]], one_time_keyboard: true });
    player.say('C');
    expect(player.stateOf().values).toEqual({ name: 'c' });
  });

  it('counts an option only at its own step, though another has the same', () => {
    const options = [{ text: 'yes', value: 'y' }];
    const player = bot({ main: [{ choice: { text: '1', options, save: 'name' } }, { choice: { text: '2', options, save: 'name' } }, reply('done')] });
    player.say('/go');
    const first = player.buttons()[0]?.callback_data ?? '';
    player.press(first);
    expect(player.press(first)).toEqual([]);
    expect(player.last.outcome).toEqual({ kind: 'ignored', code: 'stale_press' });
  });

  it('offers options of an expression', () => {
    const player = bot({ main: [{ save: { list: [{ text: 'Red', value: 'r' }, { text: 'Stop', goto: 'end' }] } }, { choice: { text: '?', options: '= state.list', save: 'name' } }, reply('got {{state.name}}')] });
    player.say('/go');
    expect(player.tap('Red')).toEqual(['got r']);
    player.say('/go');
    expect(player.tap('Stop')).toEqual([]);
  });

  it('fails with bad_options when the expression gives none', () => {
    const player = bot({ main: [{ choice: { text: '?', options: '= state.list', save: 'name' } }] });
    expect(player.say('/go')).toEqual(['Something went wrong. Please try again later.']);
    expect(player.last.outcome).toEqual({ kind: 'failed', code: 'bad_options', path: 'flows.main.steps[0]' });
  });
});

describe('validate', () => {
  const steps = [reply('menu', { reply_markup: { inline_keyboard: [[{ text: 'again', goto: 'q' }]] } }), { id: 'q', ...ask('code?') }, { validate: { regex: '^\\d$', attempts: 2, message: 'no', retry: 'q', otherwise: 'out' } }, reply('ok')];

  it('counts anew when its retry is reached another way', () => {
    const player = bot({ main: { steps, labels: { out: [reply('out')] } } });
    player.say('/go');
    const again = player.buttons()[0]?.callback_data ?? '';
    expect(player.say('x')).toEqual(['no']);
    expect(player.press(again)).toEqual(['code?']);
    expect(player.say('x')).toEqual(['no']);
    expect(player.say('x')).toEqual(['out']);
  });

  it('ends with errorText when there is no otherwise, and takes conditions and templates', () => {
    const player = bot({ main: [{ id: 'q', ...ask('?') }, { validate: { when: 'size(state.name) > 2', attempts: 1 } }, { validate: { regex: '^Ann:x', value: '{{context.user.first_name}}:{{state.name}}', attempts: 1, otherwise: 'end' } }, reply('ok')] });
    player.say('/go');
    expect(player.say('ab')).toEqual(['Something went wrong. Please try again later.']);
    expect(player.last.outcome).toMatchObject({ kind: 'failed', code: 'validation_failed' });
    player.say('/go');
    expect(player.say('abc')).toEqual([]);
    player.say('/go');
    expect(player.say('xyz')).toEqual(['ok']);
  });
});

describe('texts', () => {
  it('[P1] escapes what is substituted and leaves the author alone', () => {
    const player = bot({ main: [ask('?'), reply('<b>{{state.name}}</b>', { parse_mode: 'HTML' }), reply('*{{state.name}}*', { parse_mode: 'MarkdownV2' }), reply('{{state.name}} \\{{state.name}}')] });
    player.say('/go');
    expect(player.say('<i>"a&b"_*.')).toEqual(['<b>&lt;i&gt;&quot;a&amp;b&quot;_*.</b>', '*<i\\>"a&b"\\_\\*\\.*', '<i>"a&b"_*. {{state.name}}']);
  });

  it('writes numbers plain, objects as JSON, time in the zone of the bot, and nothing for what is missing', () => {
    const player = bot({ main: [{ save: { price: 1e21, cart: { a: [1, true] } } }, reply('{{state.price}} {{state.cart}} {{state.cart.a.0}} {{context.now}} [{{state.name}}{{context.error.code}}]')] }, {}, { timezone: 'Europe/Kyiv' });
    expect(player.say('/go')).toEqual(['1000000000000000000000 {"a":[1,true]} 1 2026-11-20T14:00:00+02:00 []']);
  });

  it('saves the language of a chat and forgets it', () => {
    const player = bot({ main: [{ save: { locale: 'de' } }, reply('$t.hi'), { save: { locale: null } }, reply('$t.hi')] }, { localization: { en: { hi: 'hi' }, de: { hi: 'hallo' } } });
    expect(player.say('/go')).toEqual(['hallo', 'hi']);
    expect(player.stateOf()).toEqual({});
  });

  it('sends reask with the defaults of messages, escaped', () => {
    const player = bot({ main: [ask('?', 'age', { expect: 'integer', reask: '<b>{{context.user.first_name}}</b>' })] }, {}, { messageDefaults: { parse_mode: 'HTML' } });
    const person: Person = { id: 5, first_name: '<Eve>' };
    player.say('/go', person);
    expect(player.say('x', person)).toEqual(['<b>&lt;Eve&gt;</b>']);
    expect(player.last.effects[0]?.params['parse_mode']).toBe('HTML');
  });

  it('fails a text that is too long, and says nothing for an empty one', () => {
    const player = bot({ main: [ask('?'), reply('{{state.name}}{{state.name}}')] });
    player.say('/go');
    expect(player.say('x'.repeat(3_000))).toEqual(['Something went wrong. Please try again later.']);
    expect(player.last.outcome).toMatchObject({ kind: 'failed', code: 'text_too_long' });
    expect(player.stateOf().values).toMatchObject({ name: 'x'.repeat(3_000) });
  });

  it('encodes values in URLs and takes a lone one as a whole https or tg URL', () => {
    const markup = (url: string): Part => ({ reply_markup: { inline_keyboard: [[{ text: 'open', url }]] } });
    const player = bot({ main: [ask('?'), reply('a', markup('https://x.example/?q={{state.name}}')), reply('b', markup('{{state.name}}'))] });
    player.say('/go');
    player.say('javascript:alert(1)&x');
    expect(player.last.effects[0]?.params['reply_markup']).toMatchObject({ inline_keyboard: [[{ url: 'https://x.example/?q=javascript%3Aalert(1)%26x' }]] });
    expect(player.last.outcome).toMatchObject({ code: 'bad_url' });
    player.say('/go');
    player.say('tg://resolve?domain=x');
    expect(player.last.effects[1]?.params['reply_markup']).toMatchObject({ inline_keyboard: [[{ url: 'tg://resolve?domain=x' }]] });
  });
});

describe('state', () => {
  it('mixes integer and number, and refuses a fraction for an integer key', () => {
    const player = bot({ main: [{ save: { age: 3, price: 1.5 } }, { save: { price: '= state.age * state.price' } }, { save: { age: '= state.price + 0.5' } }, reply('{{state.age}} {{state.price}}'), { save: { age: '= state.price' } }] });
    expect(player.say('/go')).toEqual(['5 4.5', 'Something went wrong. Please try again later.']);
    expect(player.last.outcome).toMatchObject({ code: 'type_mismatch', path: 'flows.main.steps[4]' });
  });

  it('reads empty values of unset keys while has() is false, and sees the state as it was before the step', () => {
    const player = bot({ main: [{ branch: [{ when: 'has(state.name) || state.name != "" || state.age != 0 || size(state.list) > 0 || state.flag', goto: 'bad' }] }, { save: { name: 'x', flag: '= has(state.name)', age: '= state.age + 1' } }, reply('{{state.flag}} {{state.age}}')], bad: [reply('bad')] });
    expect(player.say('/go')).toEqual(['false 1']);
  });

  it('[P2] keeps the old value when all keys together would pass 64 KB', () => {
    const player = bot({ main: [{ save: { list: '= state.list + [context.message.text]' } }, { goto: 'main' }], other: [{ end: {} }] });
    player.say(`/go ${'x'.repeat(2_000)}`);
    expect(player.last.outcome).toMatchObject({ kind: 'failed', code: 'state_too_large' });
    expect(Buffer.byteLength(JSON.stringify(player.stateOf().values))).toBeLessThanOrEqual(64 * 1024);
    expect(player.stateOf().values?.['list']).toHaveLength(32);
  });

  it('counts a value that fits its type no more as unset', () => {
    const player = bot({ main: [reply('[{{state.age}}]')] });
    player.states.set('1', { v: 1, values: { age: 'old', gone: 1 } } as never);
    expect(player.say('/go')).toEqual(['[]']);
    expect(player.last.events).toContainEqual({ name: 'state_dropped', code: 'age' });
    expect(player.stateOf().values).toEqual({ age: 'old', gone: 1 });
  });
});

describe('limits', () => {
  it('[P2] stops after 200 transitions', () => {
    const player = bot({ main: [{ id: 'a', save: { flag: true } }, { goto: 'a' }] });
    expect(player.say('/go')).toEqual(['Something went wrong. Please try again later.']);
    expect(player.last.outcome).toMatchObject({ kind: 'failed', code: 'transitions_exceeded' });
  });

  it('[P2] sends at most 20 calls per update', () => {
    const player = bot({ main: [{ id: 'a', reply: { text: 'x' } }, { goto: 'a' }] });
    expect(player.say('/go')).toHaveLength(20);
    expect(player.last.outcome).toMatchObject({ kind: 'failed', code: 'outgoing_exceeded' });
  });

  it('[P2] calls at most two APIs per update, each with its visit', () => {
    const player = bot({ main: { steps: [{ id: 'a', apiCall: { url: 'https://api.example/x', save: 'cart', onError: 'sorry' } }, { goto: 'a' }], labels: { sorry: [reply('{{context.error.code}} {{context.error.status}}')] } } });
    player.api = () => ok({});
    expect(player.say('/go')).toEqual(['api_calls_exceeded ']);
    expect(player.calls.map((call) => [call.stepPath, call.visit])).toEqual([['flows.main.steps[0]', 1], ['flows.main.steps[0]', 2]]);
  });
});

describe('apiCall', () => {
  it('[P1] builds query, headers and body, and maps the response', () => {
    const player = bot({
      main: [
        ask('?'),
        { apiCall: { method: 'POST', url: 'https://api.example/{{state.name}}?a=1', query: { b: '{{state.name}}', c: '= 1 + 1', d: null }, headers: { authorization: 'Bearer {{secret.KEY}}', 'x-name': '{{{state.name}}' }, json: { name: '{{state.name}}', deep: ['= state.name + "!"'] }, map: { price: '= response.body.total * 2', age: '= response.status' } } },
        reply('{{state.price}} {{state.age}}'),
      ],
    });
    player.api = () => ok({ total: 1.25 }, 201);
    player.say('/go');
    expect(player.say('ä {{secret.KEY}}\n/&')).toEqual(['2.5 201']);
    expect(player.calls[0]).toMatchObject({
      url: 'https://api.example/%C3%A4%20%7B%7Bsecret.KEY%7D%7D%0A%2F%26?a=1&b=%C3%A4%20%7B%7Bsecret.KEY%7D%7D%0A%2F%26&c=2',
      headers: { authorization: 'Bearer {{secret.KEY}}', 'x-name': '{%C3%A4 %7B%7Bsecret.KEY%7D%7D /&', 'content-type': 'application/json' },
      body: JSON.stringify({ deep: ['ä {{secret.KEY}}\n/&!'], name: 'ä {{secret.KEY}}\n/&' }),
    });
  });

  it('leaves the state untouched and ends with errorText when there is no way out', () => {
    const player = bot({ main: [{ save: { name: 'kept' } }, reply('before'), { apiCall: { url: 'https://api.example/', map: { name: '= response.body.nope' } } }, reply('never')] }, { errorText: 'Oh no' });
    player.api = () => ok({});
    expect(player.say('/go')).toEqual(['before', 'Oh no']);
    expect(player.stateOf().values).toEqual({ name: 'kept' });
    expect(player.last.outcome).toMatchObject({ kind: 'failed', code: 'expression_failed', path: 'flows.main.steps[2]' });
  });

  it('changes nothing while it waits for the result', () => {
    const steps = [reply('before'), { apiCall: { url: 'https://api.example/', save: 'cart' } }];
    const engine = createEngine(compileValue({ meta: { name: 'T', locales: ['en'], defaultLocale: 'en' }, fallback: { flow: 'main' }, state: { cart: { type: 'object' } }, flows: { main: { steps } }, security: { allowDomains: ['api.example'] } }));
    const update = { update_id: 1, message: { message_id: 1, chat: { id: 1, type: 'private' }, from: { id: 1 }, text: 'x' } };
    const env = { nowMs: 0, bot: BOT, revision: 'r', runId: 'x', answerPress: true, conversation: 'own', routed: true };
    const output = JSON.parse(engine.run(JSON.stringify({ event: { kind: 'update', update }, state: {}, env }))) as GuestOutput;
    expect(output).toMatchObject({ state: {}, effects: [], timers: [], events: [], request: { call: { method: 'GET' } } });
  });
});

describe('flows', () => {
  it('calls another flow and comes back, at most 8 deep', () => {
    const player = bot({ main: [{ call: { flow: 'sub' } }, reply('back')], sub: [ask('sub?'), { branch: [{ when: 'input.value == "out"', goto: 'end' }] }, reply('sub end')] });
    expect(player.say('/go')).toEqual(['sub?']);
    expect(player.stateOf().conversation?.frames).toHaveLength(2);
    expect(player.say('x')).toEqual(['sub end', 'back']);
    player.say('/go');
    expect(player.say('out')).toEqual(['back']);
    const deep = bot({ main: [{ call: { flow: 'main' } }] });
    deep.say('/go');
    expect(deep.last.outcome).toMatchObject({ code: 'call_depth' });
  });

  it('drops the stack on goto to another flow', () => {
    const player = bot({ main: [{ call: { flow: 'sub' } }, reply('back')], sub: [{ goto: 'other' }], other: [reply('other')] });
    expect(player.say('/go')).toEqual(['other']);
  });

  it('sets a conversation aside for a command and takes it up again with its text', () => {
    const player = bot({ main: [ask('name?'), reply('hi {{state.name}}')], help: [ask('help with?', 'cart', { expect: 'text', save: 'name' }), reply('helped')] });
    player.say('/go');
    expect(player.say('/help')).toEqual(['help with?']);
    expect(player.last.timers.map((timer) => timer.key)).toEqual(['wait', 'suspended']);
    expect(player.say('x')).toEqual(['helped', 'name?']);
    expect(player.say('Ann')).toEqual(['hi Ann']);
  });

  it('drops a conversation for a command otherwise', () => {
    const player = bot({ main: [ask('name?')] });
    player.say('/go');
    expect(player.say('/go')).toEqual(['name?']);
    expect(player.last.timers).toHaveLength(1);
  });

  it('ends silently after meta.idleTimeout, and prefers the timeout of the step', () => {
    const player = bot({ main: [ask('?')] }, {}, { idleTimeout: '10m' });
    player.say('/go');
    expect(player.advance(600_000)).toEqual([]);
    expect(player.stateOf()).toEqual({});
    const other = bot({ main: { steps: [ask('?', 'name', { timeout: { after: '5m', goto: 'a' } })], timeout: { after: '1m', goto: 'b' }, labels: { a: [reply('step, {{context.user.first_name}}')], b: [reply('flow')] } } });
    other.say('/go');
    expect(other.advance(300_000)).toEqual(['step, Ann']);
  });

  it('takes keyboard buttons with goto by their text, also while a step waits', () => {
    const player = bot({ main: [reply('menu', { reply_markup: { keyboard: [[{ text: '$t.stop', goto: 'bye' }]] } }), ask('?')], bye: [reply('bye')] }, { localization: { en: { stop: 'Stop' }, de: { stop: 'Halt' } } });
    player.say('/go');
    expect(player.say('Halt')).toEqual(['bye']);
    expect(player.stateOf().conversation).toBeUndefined();
  });

  it('answers a press with the answer of its button', () => {
    const player = bot({ main: [reply('x', { reply_markup: { inline_keyboard: [[{ text: 'b', goto: 'main', answer: { text: 'Hi {{context.user.first_name}}', show_alert: true } }]] } })] });
    player.say('/go');
    player.tap('b');
    expect(player.answers()[0]?.params).toMatchObject({ text: 'Hi Ann', show_alert: true });
  });

  it('goes to a label inside the flow under way, and begins there from outside', () => {
    const player = bot({ main: { steps: [reply('x', { reply_markup: { inline_keyboard: [[{ text: 'b', goto: 'side' }]] } }), ask('?')], labels: { side: [reply('side')] } } });
    player.say('/go');
    const data = player.buttons()[0]?.callback_data ?? '';
    expect(player.press(data)).toEqual(['side']);
    expect(player.press(data)).toEqual(['side']);
    expect(player.stateOf()).toEqual({});
  });

  it('falls back when a button leads nowhere any more', () => {
    const player = bot({ main: [reply('main')], lost: [reply('lost')] }, { fallback: { flow: 'lost' } });
    expect(player.press('g:00000000000')).toEqual(['lost']);
    expect(player.press('what is this')).toEqual(['lost']);
  });
});

describe('what counts as an update', () => {
  const group = { chat: { id: -9, type: 'group' } };
  const withFallback = (groups?: string): Player => bot({ main: [reply('go')], fall: [reply('fall')] }, { fallback: { flow: 'fall' }, intents: [{ id: 'tea', keywords: { en: ['tea'] }, flow: 'main' }] }, groups ? { groups } : {});

  it.each([
    ['an edit', { edited_message: { message_id: 1 } }, 'unsupported_update'],
    ['a channel post', { channel_post: { message_id: 1 } }, 'unsupported_update'],
    ['a bot', { message: { message_id: 1, chat: { id: 1, type: 'private' }, from: { id: 2, is_bot: true }, text: 'x' } }, 'from_bot'],
    ['an anonymous admin', { message: { message_id: 1, chat: { id: -1, type: 'supergroup' }, from: { id: 1087968824, is_bot: true }, sender_chat: { id: -1 }, text: 'x' } }, 'anonymous_sender'],
    ['a service message', { message: { message_id: 1, chat: { id: -1, type: 'supergroup' }, from: { id: 2 }, new_chat_members: [] } }, 'service_message'],
  ])('ignores %s', (_, update, code) => {
    const player = withFallback('all');
    player.event({ kind: 'update', update: { update_id: 1, ...update } as never });
    expect(player.last).toMatchObject({ effects: [], outcome: { kind: 'ignored', code } });
  });

  it('needs to be addressed in groups, unless meta.groups says otherwise', () => {
    expect(withFallback().message({ text: 'tea', ...group })).toEqual([]);
    expect(withFallback().message({ text: `tea, @${BOT.username.toUpperCase()}!`, ...group })).toEqual(['go']);
    expect(withFallback().message({ text: `tea @${BOT.username}2`, ...group })).toEqual([]);
    expect(withFallback().message({ text: 'tea', reply_to_message: { from: { id: BOT.id } }, ...group })).toEqual(['go']);
    expect(withFallback('all').message({ text: 'tea', ...group })).toEqual(['go']);
    expect(withFallback('none').message({ text: `tea @${BOT.username}`, ...group })).toEqual([]);
    expect(withFallback('none').message({ text: '/go', ...group })).toEqual(['go']);
  });

  it('reads commands in any case, for itself only', () => {
    expect(withFallback().say('/GO')).toEqual(['go']);
    expect(withFallback().say(`/go@${BOT.username} now`)).toEqual(['go']);
    expect(withFallback().say('/go@other_bot')).toEqual([]);
    expect(withFallback().say('/unknown')).toEqual(['fall']);
    expect(withFallback().say('/gone')).toEqual(['fall']);
  });

  it('brings args and the deep-link payload', () => {
    const player = bot({ main: [reply('[{{context.args}}] [{{context.start}}]')] }, { commands: [{ command: 'start', flow: 'main', hidden: true }] });
    expect(player.say('/start ref_7')).toEqual(['[ref_7] [ref_7]']);
  });

  it('prefers priority, then the longest keyword, then the order', () => {
    const intents = [{ id: 'a1', keywords: { en: ['tea'] }, flow: 'one' }, { id: 'b1', keywords: { en: ['green tea'] }, flow: 'two' }, { id: 'c1', keywords: { en: ['milk'], de: ['gift'] }, priority: 5, flow: 'three' }, { id: 'd1', keywords: { en: ['gift'] }, flow: 'one' }];
    const player = (): Player => bot({ main: [{ end: {} }], one: [reply('1')], two: [reply('2')], three: [reply('3')] }, { intents });
    expect(player().say('green tea')).toEqual(['2']);
    expect(player().say('green tea with milk')).toEqual(['3']);
    expect(player().say('gift')).toEqual(['1']);
    expect(player().say('Gift', { ...ANN, language_code: 'de' })).toEqual(['3']);
  });
});

describe('faults', () => {
  it('[P9] keeps state and timers when an input cannot be read', () => {
    const player = bot({ main: [ask('?')] });
    player.say('/go');
    const { timers, state } = player.last;
    player.event(null as never);
    expect(player.last).toEqual({ state, timers, effects: [], events: [], outcome: { kind: 'failed', code: 'engine_error' } });
  });
});

describe('revisions', () => {
  const flows = { main: [{ id: 'q', ...ask('name?') }, reply('hi {{state.name}}')], miss: [reply('where were we?')] };

  it('sends what belongs to a conversation elsewhere there, and keeps what is new', () => {
    const player = bot(flows, { fallback: { flow: 'miss' } });
    player.say('/go');
    const before = player.states.get('1');
    player.env = { conversation: 'elsewhere', revision: 'club-2' };
    player.say('Ann');
    expect(player.last).toMatchObject({ redirect: 'conversation', effects: [], state: before });
    player.press('c:00000000000:00000000000');
    expect(player.last.redirect).toBe('conversation');
    player.event({ kind: 'timer', key: 'wait', nonce: (player.stateOf().conversation as unknown as { wait: { nonce: string } }).wait.nonce });
    expect(player.last.redirect).toBe('conversation');
    expect(player.say('/go')).toEqual(['name?']);
    expect(player.last.redirect).toBeUndefined();
  });

  it('takes its own input when another revision is routed; a command that only this one has is none', () => {
    const player = bot(flows, { fallback: { flow: 'miss' } });
    player.say('/go');
    player.env = { routed: false };
    const [reask] = player.say('/go');
    expect(reask).not.toBe('name?');
    expect(player.stateOf().conversation).toBeDefined();
    expect(player.say('Ann')).toEqual(['hi Ann']);
    player.say('more');
    expect(player.last.redirect).toBe('routed');
  });

  it('moves a conversation to the same step, wherever that stands now', () => {
    const player = bot(flows);
    player.say('/go');
    const moved = bot({ main: [reply('new first step'), { id: 'q', ...ask('your name?') }, reply('hello {{state.name}}')] });
    moved.states.set('1', player.states.get('1') ?? {});
    moved.env = { conversation: 'moved', revision: 'club-2' };
    expect(moved.say('Ann')).toEqual(['hello Ann']);
  });

  it('acts on a button inside the flow even when the waiting step is gone', () => {
    const labels = { side: [reply('side')] };
    const player = bot({ main: { steps: [reply('x', { reply_markup: { inline_keyboard: [[{ text: 'b', goto: 'side' }]] } }), { id: 'q', ...ask('?') }], labels } });
    player.say('/go');
    const data = player.buttons()[0]?.callback_data ?? '';
    const moved = bot({ main: { steps: [{ id: 'other', ...ask('?') }], labels } });
    moved.states.set('1', player.states.get('1') ?? {});
    moved.env = { conversation: 'moved', revision: 'club-2' };
    expect(moved.press(data)).toEqual(['side']);
  });

  it('ends it by onMissingStep when the step is gone', () => {
    const player = bot(flows);
    player.say('/go');
    const state = player.states.get('1') ?? {};
    for (const main of [[{ id: 'other', ...ask('?') }], [{ id: 'q', reply: { text: 'x' } }]]) {
      const moved = bot({ main, miss: [reply('where were we?')] }, {}, { onMissingStep: 'miss' });
      moved.states.set('1', state);
      moved.env = { conversation: 'moved', revision: 'club-2' };
      expect(moved.say('Ann')).toEqual(['where were we?']);
    }
    const silent = bot({ main: [{ end: {} }] });
    silent.states.set('1', state);
    silent.env = { conversation: 'moved', revision: 'club-2' };
    expect(silent.say('Ann')).toEqual([]);
    expect(silent.stateOf()).toEqual({});
  });
});
