import { beforeAll, describe, expect, it } from 'vitest';
import { Environment } from '../src/environment.ts';
import { exampleToken } from '../src/manifests.ts';
import { newUserId } from '../src/simulator.ts';
import type { Person, SimMessage } from '../src/simulator.ts';

/** Far above what is usual, so that a busy machine fails nothing. */
const ANSWERED = { timeout: 20_000 };
const EXAMPLES = ['survey', 'appointment', 'quiz', 'support-desk', 'photo-contest', 'shop', 'group-helper'];

/** Each example as its README says: applied as it is, and used by a person. What its `tests:` prove in detail is not repeated. */
describe('[C6] the examples', () => {
  let env: Environment;
  let nextUser = newUserId();

  beforeAll(async () => {
    env = new Environment();
    await env.kubectl(['apply', ...EXAMPLES.flatMap((name) => ['-f', `examples/${name}/secret.yaml`, '-f', `examples/${name}/bot.yaml`])]);
    for (const name of EXAMPLES) await env.waitFor(`bot/${name}`, 'Ready', 60);
  });

  const person = (example: string, language = 'en'): Person => env.simulator.person(exampleToken(example), { id: nextUser++, first_name: 'Ann', language_code: language });
  const lastIn = async (example: string, chat: number): Promise<SimMessage | undefined> =>
    (await env.simulator.get<{ messages: SimMessage[] }>(`chats/${exampleToken(example)}/${chat}/messages?after=0&wait=0`)).messages.findLast(({ from }) => from.is_bot);

  async function talk(ann: Person, ...lines: [says: string, hears: string | RegExp][]): Promise<void> {
    for (const [says, hears] of lines) {
      await ann.say(says);
      const text = await ann.hearsText();
      if (typeof hears === 'string') expect(text).toBe(hears);
      else expect(text).toMatch(hears);
    }
  }

  it('[P2] survey: asks in the language of the person and changes it on the way', async () => {
    const ann = person('survey', 'de');
    await talk(ann, ['/start', /Wie alt/], ['zwölf', /ganze Zahl/], ['/language', 'Welche Sprache?']);
    await ann.tap('English');
    expect(await ann.hearsText()).toBe('From now on in English.');
    expect(await ann.hearsText()).toMatch(/How old are you/);
    await talk(ann, ['44', 'How often do you visit us?'], ['rarely', /What should we change/], ['/skip', 'Thank you, Ann! You are 44 and visit us rarely.']);
  });

  it('[P2] appointment: books a day that lies ahead', async () => {
    const ann = person('appointment');
    await talk(ann, ['a haircut, please', 'What may we do for you?']);
    await ann.tap('Colour');
    expect(await ann.hearsText()).toMatch(/Which day/);
    await talk(ann, ['01.01.2020', 'That day is over. Which one?'], ['01.01.2040', 'At what time on 2040-01-01?']);
    await ann.tap('14:00');
    expect(await ann.hearsText()).toMatch(/your number/);
    await talk(ann, ['+49 30 1234567', /Booked: colour on 2040-01-01 at 14:00/], ['/mine', /colour on 2040-01-01/]);
  });

  it('[P2] quiz: counts points', async () => {
    const ann = person('quiz');
    await talk(ann, ['/start', 'How many moons has Mars?']);
    for (const [answer, verdict, next] of [['Two', 'Right!', /violin/], ['Four', 'Right!', /7 × 8/], ['63', 'Not quite.', /2 points of 3/]] as const) {
      await ann.tap(answer);
      expect(await ann.hearsText()).toBe(verdict);
      expect(await ann.hearsText()).toMatch(next);
    }
  });

  it('[P2] support-desk: hands a request to the desk', async () => {
    const [ann, desk] = [person('support-desk'), -1_000_000_000_077];
    await env.simulator.post('chats', { id: desk, type: 'supergroup', title: 'Desk', members: [{ id: nextUser++, first_name: 'Bo' }], bots: [{ token: exampleToken('support-desk'), status: 'member' }] });
    await talk(ann, ['refund', /AB-1234/], ['AB-1234', 'Where may we write to you?'], ['ann@example.org', 'Thank you. We answer to ann@example.org within a day.']);
    // Order is kept within a chat, not between two.
    await expect.poll(async () => (await lastIn('support-desk', desk))?.text ?? '', ANSWERED).toContain('(refund): AB-1234');
  });

  it('[P2] photo-contest: takes a photo and hands it to the jury', async () => {
    const [ann, jury, token] = [person('photo-contest'), -1_000_000_000_088, exampleToken('photo-contest')];
    await env.simulator.post('chats', { id: jury, type: 'supergroup', title: 'Jury', members: [{ id: nextUser++, first_name: 'Bo' }], bots: [{ token, status: 'member' }] });
    await talk(ann, ['/start', /your own photo/]);
    await ann.tap('Yes');
    expect(await ann.hearsText()).toMatch(/Send your photo/);
    await env.simulator.post('messages', { token, from: { is_bot: false, ...ann.user }, photo: {} });
    expect(await ann.hearsText()).toBe('What is its title?');
    await ann.say('Fog');
    expect(await ann.hears()).toMatchObject({ photo: expect.any(Array) as unknown, caption: 'Entry 1 of 3: Fog. Good luck!' });
    await expect.poll(() => lastIn('photo-contest', jury), ANSWERED).toMatchObject({ photo: expect.any(Array) as unknown, caption: 'Fog by Ann' });
  });

  it('[P2] shop: orders with the secret key that the bot never sees', async () => {
    const ann = person('shop');
    await talk(ann, ['/start', 'What would you like?']);
    await ann.tap('Coffee');
    expect(await ann.hearsText()).toBe('How many?');
    await talk(ann, ['2', '1 thing in your basket, 15 € in all.']);
    await ann.tap('Order');
    expect(await ann.hearsText()).toMatch(/^Thank you! Your order is A-[0-9a-f]{8}\.$/);
  });

  it('[P2] group-helper: answers a group, once in a while', async () => {
    const [token, group, members] = [exampleToken('group-helper'), -nextUser++, [{ id: nextUser++, first_name: 'Ann' }, { id: nextUser++, first_name: 'Ben' }]];
    const chat = await env.simulator.post<{ id: number }>('chats', { id: group, type: 'supergroup', title: 'Readers', members, bots: [{ token, status: 'administrator' }] });
    const say = (from: object, text: string): Promise<unknown> => env.simulator.post('messages', { token, from: { is_bot: false, ...from }, chat, text });
    const heard = async (): Promise<string | undefined> => (await lastIn('group-helper', group))?.text;
    await say(members[0]!, 'Where is the handbook?');
    await expect.poll(heard, ANSWERED).toBe('The handbook: https://handbook.example');
    await say(members[0]!, '/meet');
    await expect.poll(heard, ANSWERED).toMatch(/When do we meet/);
    await say(members[1]!, '2040-01-01');
    await expect.poll(heard, ANSWERED).toBe('Noted by Ben: we meet on 2040-01-01.');
  });
});
