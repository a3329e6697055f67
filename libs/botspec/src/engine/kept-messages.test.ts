import { describe, expect, it } from 'vitest';
import { ok, Player, compileValue } from '../../test/player.ts';

type Part = { [key: string]: unknown };

function bot(flows: Part, meta: Part = {}, more: Part = {}): Player {
  const state = { name: { type: 'string' }, email: { type: 'string', pii: true }, age: { type: 'integer', pii: true }, profile: { type: 'object', pii: true } };
  const commands = Object.keys(flows).map((flow) => ({ command: flow.toLowerCase(), flow, hidden: true }));
  return new Player(compileValue({ meta: { name: 'T', locales: ['en'], defaultLocale: 'en', ...meta }, state, commands, flows, security: { allowDomains: ['api.example'] }, ...more }));
}

const keeping = { retention: '7d' };
const ask = (save: string, more: Part = {}): Part => ({ ask: { text: '?', save, ...more } });

describe('what the guest says of messages that are kept', () => {
  it('[K1] is nothing while meta.retention is off', () => {
    const player = bot({ main: { steps: [ask('email')] } });
    player.say('/main');
    player.say('a@b.c');
    expect(player.last.messages).toBeUndefined();
  });

  it('[K1] marks the whole answer to a step that saves personal data, also one that does not fit', () => {
    const player = bot({ main: { steps: [ask('age', { expect: 'integer' }), ask('name')] } }, keeping);
    player.say('/main');
    expect(player.last.messages).toEqual({ retentionMs: 7 * 86_400_000, piiPolicy: 'mask', inputIsPersonal: false, personal: [] });
    player.say('I am forty');
    expect(player.last.messages).toMatchObject({ inputIsPersonal: true, personal: [] });
    player.say(' 41 ');
    expect(player.last.messages).toMatchObject({ inputIsPersonal: true, personal: ['41'] });
    player.say('Ann');
    expect(player.last.messages).toMatchObject({ inputIsPersonal: false, personal: ['41'] });
  });

  it('[K1] names values before, during and after the run, and those inside objects', () => {
    const steps = [{ save: { email: 'old@x.y' } }, ask('name'), { save: { email: 'mid@x.y' } }, { save: { email: null, profile: '= {"tel": [4930, "x"], "vip": true}' } }];
    const player = bot({ main: { steps } }, { ...keeping, piiPolicy: 'hash' });
    player.say('/main');
    player.say('Ann');
    expect(player.last.messages).toMatchObject({ piiPolicy: 'hash', personal: expect.arrayContaining(['old@x.y', 'mid@x.y', '4930', 'x']) });
    expect(player.last.messages?.personal).toHaveLength(4);
  });

  it('[K1] gives up naming what is too much, and then everything is personal', () => {
    const player = bot({ main: { steps: [{ apiCall: { url: 'https://api.example/', save: 'profile' } }] } }, keeping);
    player.api = () => ok({ all: Array.from({ length: 600 }, (_, n) => `value ${n}`) });
    player.say('/main');
    expect(player.last.messages?.personal).toBeNull();
  });

  it('[K1] calls everything personal when the input broke the run', () => {
    const player = bot({ main: { steps: [ask('email')] } }, keeping);
    player.event(undefined as never);
    expect(player.last).toMatchObject({ outcome: { code: 'engine_error' }, messages: { inputIsPersonal: true, personal: null } });
  });
});

describe('onNewMessage: supersede', () => {
  const chat = { onNewMessage: 'supersede', steps: [{ apiCall: { url: 'https://api.example/', save: 'profile' } }, { reply: { text: 'done' } }] };

  it('[K2] marks what a message starts, already when an API call is wanted', () => {
    const player = bot({ chat, main: { steps: [{ reply: { text: 'hi' } }] } }, {}, { fallback: { flow: 'chat' } });
    const requests: unknown[] = [];
    player.api = () => ok({});
    player.say('hello');
    requests.push(player.last.supersedable);
    player.say('/main');
    requests.push(player.last.supersedable);
    expect(requests).toEqual([true, undefined]);
  });

  it('[K2] goes by the flow that takes the message, not by where it leads', () => {
    const flows = { quiz: { onNewMessage: 'supersede', steps: [ask('name'), { goto: 'after' }] }, after: { steps: [ask('name'), { goto: 'quiz' }] } };
    const player = bot(flows);
    player.say('/quiz');
    expect(player.last.supersedable).toBe(true);
    player.say('Ann'); // Taken by quiz, leads to after.
    expect(player.last.supersedable).toBe(true);
    player.say('Bob'); // Taken by after, leads to quiz.
    expect(player.last.supersedable).toBeUndefined();
    player.say('/after');
    expect(player.last.supersedable).toBeUndefined();
  });

  it('[K2] leaves presses, timers and what is ignored alone', () => {
    const flows = { quiz: { onNewMessage: 'supersede', timeout: { after: '1m', goto: 'late' }, steps: [{ choice: { text: '?', options: [{ text: 'A', value: 'a' }], save: 'name' } }, ask('name')], labels: { late: [{ reply: { text: 'late' } }] } } };
    const player = bot(flows);
    player.say('/quiz');
    player.tap('A');
    expect(player.last.supersedable).toBeUndefined();
    expect(player.advance(61_000)).toEqual(['late']);
    expect(player.last.supersedable).toBeUndefined();
    player.message({ left_chat_member: {} });
    expect(player.last).toMatchObject({ outcome: { kind: 'ignored' } });
    expect(player.last.supersedable).toBeUndefined();
  });
});
