import { beforeEach, describe, expect, it } from 'vitest';
import { compileBotSpec } from '../index.ts';
import { ANN, Player, compileValue, exampleSpec, ok } from '../../test/player.ts';
import type { Person } from '../../test/player.ts';

const program = compileValue(exampleSpec('coffee-club'));
const MARKO: Person = { id: 2, first_name: 'Марко', language_code: 'uk' };
const HANS: Person = { id: 3, first_name: 'Hans', language_code: 'de-AT' };

describe('coffee-club', () => {
  let bot: Player;
  beforeEach(() => {
    bot = new Player(program);
    bot.api = () => ok({ total: 3 });
  });

  function order(size = 'Small'): void {
    bot.say('/order');
    bot.tap(size);
  }

  it('[P1] is the example of the language, and compiles with warnings for missing translations only', () => {
    const compiled = compileBotSpec(exampleSpec('coffee-club'));
    expect(compiled.warnings.map((warning) => [warning.code, warning.path])).toEqual([['missing_translation', 'localization.de'], ['missing_translation', 'localization.uk']]);
  });

  it('[P1] takes an order from start to thanks', () => {
    expect(bot.say('/start')).toEqual(['Hi Ann! What would you like?']);
    expect(bot.tap('Order')).toEqual(['Which size?']);
    expect(bot.last.effects[0]).toMatchObject({ method: 'answerCallbackQuery', params: { callback_query_id: 'q2' } });
    expect(bot.buttons().map((button) => button.text)).toEqual(['Small', 'Large', 'Never mind']);
    expect(bot.tap('Small')).toEqual(['Your e-mail for the receipt?']);
    expect(bot.say('a@b.c')).toEqual(['A small coffee is 3 €.', 'Thanks! Your first coffee.']);
    expect(bot.stateOf()).toMatchObject({ values: { size: 'small', email: 'a@b.c', coffees: 1, quote: { total: 3 } } });
    expect(bot.stateOf().conversation).toBeUndefined();
    expect(bot.last.timers).toEqual([]);
  });

  it('[P1] calls the API with what was chosen, and the same call on a repeat', () => {
    order('Large');
    bot.say('a@b.c');
    expect(bot.calls).toEqual([{ stepPath: 'flows.order.steps[3]', visit: 1, method: 'GET', url: 'https://shop.example/quote?size=large', headers: {}, timeoutMs: 2_000, retries: 2, backoffMs: 200 }]);
  });

  it('counts coffees in the plural', () => {
    order();
    bot.say('a@b.c');
    order();
    expect(bot.say('a@b.c').at(-1)).toBe('Thanks! Coffee no. 2.');
  });

  it('asks three times for an e-mail, then gives up', () => {
    order();
    expect(bot.say('nope')).toEqual(['That does not look like an e-mail. Try again.']);
    expect(bot.say('still nope')).toEqual(['That does not look like an e-mail. Try again.']);
    expect(bot.say('no @ sign')).toEqual(['No receipt then. Write /order to start again.']);
    expect(bot.stateOf().conversation).toBeUndefined();
    order();
    expect(bot.say('nope')).toEqual(['That does not look like an e-mail. Try again.']);
  });

  it('starts the count of wrong inputs anew once one was right', () => {
    order();
    bot.say('nope');
    bot.say('nope');
    bot.api = () => ok({ total: 0 });
    expect(bot.say('a@b.c')).toEqual(['Thanks! Your first coffee.']);
  });

  it('leaves out the price when it is zero', () => {
    bot.api = () => ok({ total: 0 });
    order();
    expect(bot.say('a@b.c')).toEqual(['Thanks! Your first coffee.']);
  });

  it.each([
    ['the network', { ok: false, code: 'network' } as const],
    ['an answer that is not 2xx', { ok: false, code: 'status', status: 503 } as const],
    ['an answer that is no object', ok([1])],
  ])('says sorry and keeps the state after %s', (_, result) => {
    bot.api = () => result;
    order();
    expect(bot.say('a@b.c')).toEqual(['The till is down, please come back later.']);
    expect(bot.last.outcome).toEqual({ kind: 'handled' });
    expect(bot.last.events.map((event) => event.name)).toContain('api_error');
    expect(bot.stateOf().values).not.toHaveProperty('quote');
  });

  it('goes to the timeout of the flow 30 minutes after each wait began', () => {
    order();
    expect(bot.advance(29 * 60_000)).toEqual([]);
    bot.say('nope');
    expect(bot.advance(29 * 60_000)).toEqual([]);
    expect(bot.advance(60_000)).toEqual(['No hurry, write /order when you are ready.']);
    expect(bot.stateOf().conversation).toBeUndefined();
  });

  it('does nothing for a timer whose wait is over', () => {
    bot.say('/order');
    const [timer] = bot.last.timers;
    bot.tap('Small');
    bot.event({ kind: 'timer', key: 'wait', nonce: timer?.nonce ?? '' });
    expect(bot.last).toMatchObject({ effects: [], outcome: { kind: 'ignored', code: 'stale_timer' } });
    expect(bot.last.timers).toHaveLength(1);
  });

  it('ends everything on /cancel', () => {
    order();
    expect(bot.say('/cancel')).toEqual([]);
    expect(bot.last.timers).toEqual([]);
    expect(bot.say('hello?')).toEqual(['Hi Ann! What would you like?']);
  });

  it('ends on the option that goes to end, and saves nothing', () => {
    bot.say('/order');
    expect(bot.tap('Never mind')).toEqual([]);
    expect(bot.stateOf()).toEqual({});
  });

  it('takes a typed option in any case, and asks again for anything else', () => {
    bot.say('/order');
    expect(bot.say('a big one')).toEqual(['Please choose one of the options.']);
    expect(bot.say(' LARGE ')).toEqual(['Your e-mail for the receipt?']);
    expect(bot.stateOf().values).toMatchObject({ size: 'large' });
  });

  it('[P1] knows coffee in three languages, whatever the language of the chat', () => {
    for (const [text, person] of [['One Latte, please!', ANN], ['ein Kaffee', HANS], ['Кава?', MARKO], ['КАВА', ANN]] as const) {
      bot = new Player(program);
      expect(bot.say(text, person)).toEqual(['Which size?']);
    }
    expect(new Player(program).say('coffeepot')).toEqual(['Hi Ann! What would you like?']);
  });

  it('[P1] swallows an intent within its cooldown', () => {
    bot.say('coffee');
    bot.say('/cancel');
    bot.nowMs += 4_999;
    expect(bot.say('coffee')).toEqual([]);
    expect(bot.last.outcome).toEqual({ kind: 'ignored', code: 'cooldown' });
    bot.nowMs += 1;
    expect(bot.say('coffee')).toEqual(['Which size?']);
  });

  it('[P1] speaks the language of the person and falls back to the default', () => {
    expect(bot.say('/start', MARKO)).toEqual(['Вітаю, Марко! Що будете?']);
    expect(bot.buttons()[0]?.text).toBe('Замовити');
    expect(bot.tap('Замовити', MARKO)).toEqual(['Which size?']);
    expect(bot.say('/start', HANS)).toEqual(['Hallo Hans! Was darf es sein?']);
  });

  it('answers a stale option and runs nothing', () => {
    bot.say('/order');
    const small = bot.buttons()[0]?.callback_data ?? '';
    bot.tap('Small');
    const before = bot.stateOf();
    expect(bot.press(small)).toEqual([]);
    expect(bot.answers()[0]?.params).toMatchObject({ text: 'This button is no longer active.' });
    expect(bot.last.outcome).toEqual({ kind: 'ignored', code: 'stale_press' });
    expect(bot.stateOf()).toEqual(before);
  });

  it('acts on a goto button always, leaving the flow under way', () => {
    bot.say('/start');
    const data = bot.buttons()[0]?.callback_data ?? '';
    order();
    expect(bot.press(data)).toEqual(['Which size?']);
  });

  it('keeps callback data within 64 bytes', () => {
    bot.say('/order');
    for (const button of bot.buttons()) expect(Buffer.byteLength(button.callback_data ?? '')).toBeLessThanOrEqual(64);
  });

  it('keeps two people apart', () => {
    bot.say('/order', ANN);
    bot.say('/order', MARKO);
    bot.say('small', ANN);
    bot.say('large', MARKO);
    expect([bot.stateOf(ANN).values, bot.stateOf(MARKO).values]).toEqual([{ size: 'small' }, { size: 'large' }]);
  });

  it('leaves out the answer to a press that was answered early', () => {
    bot.say('/order');
    bot.env = { answerPress: false };
    bot.tap('Small');
    expect(bot.answers()).toEqual([]);
  });

  it('forgets the e-mail after 30 days', () => {
    order();
    bot.say('a@b.c');
    bot.nowMs += 30 * 86_400_000 - 1;
    bot.say('/cancel');
    expect(bot.stateOf().values).toHaveProperty('email');
    bot.nowMs += 1;
    bot.say('/cancel');
    expect(bot.stateOf().values).toEqual({ size: 'small', quote: { total: 3 }, coffees: 1 });
  });

  it('counts only the events that the spec names', () => {
    order();
    expect(bot.last.events).toEqual([{ name: 'step_completed', flow: 'order', step: 'size' }]);
  });
});

describe('echo', () => {
  it('greets, and repeats what it is told without reading it as a template', () => {
    const bot = new Player(compileValue(exampleSpec('echo')));
    expect(bot.say('/start')).toEqual(['Hi Ann! Write something and I will repeat it.']);
    expect(bot.say('{{context.bot.username}} <b> $t.x')).toEqual(['{{context.bot.username}} <b> $t.x']);
    expect(bot.message({ photo: [{ file_id: 'x' }] })).toEqual([]);
    expect(bot.last.events).toContainEqual({ name: 'empty_text' });
  });
});
