import { describe, expect, it } from 'vitest';
import { ANN, Player, compileValue } from '../../test/player.ts';

type Part = { [key: string]: unknown };

/** Asks once for `kind`, then says `ok`. */
function asking(kind: string, type: string, more: Part = {}): Player {
  const player = new Player(compileValue({
    meta: { name: 'T', locales: ['en', 'de'], defaultLocale: 'en' },
    state: { answer: { type } },
    commands: [{ command: 'go', flow: 'main', hidden: true }],
    flows: { main: { steps: [{ ask: { text: '?', expect: kind, save: 'answer', ...more } }, { reply: { text: 'ok' } }] } },
  }));
  player.say('/go');
  return player;
}

const contact = { phone_number: '380441234567', first_name: 'Ann', user_id: 1 };
const small = { file_id: 's', file_unique_id: 'us', width: 90, height: 90 };
const large = { file_id: 'l', file_unique_id: 'ul', width: 900, height: 900 };
const pdf = { file_id: 'd', file_unique_id: 'ud', file_name: 'a.pdf' };
const place = { latitude: 50.45, longitude: 30.52 };

describe('expect', () => {
  it.each([
    ['email', 'string', { text: ' Ann.B+x@mail.example.com ' }, 'Ann.B+x@mail.example.com'],
    ['phone', 'string', { text: '+380 (44) 123-45-67' }, '+380441234567'],
    ['phone', 'string', { contact }, '+380441234567'],
    ['date', 'string', { text: '2024-02-29' }, '2024-02-29'], ['date', 'string', { text: '31.12.2026' }, '2026-12-31'], ['date', 'string', { text: '01/02/2026' }, '2026-02-01'],
    ['contact', 'object', { contact }, contact], ['location', 'object', { location: place }, place],
    ['photo', 'string', { photo: [small, large] }, 'l'], ['photo', 'object', { photo: [small, large] }, large],
    ['document', 'string', { document: pdf }, 'd'], ['document', 'object', { document: pdf }, pdf],
    ['any', 'string', { text: '/undeclared' }, '/undeclared'], ['any', 'string', { photo: [small], caption: 'look' }, 'look'], ['any', 'string', { sticker: { file_id: 'x' } }, ''],
  ])('[P1] %s saved as %s takes %j', (kind, type, message, value) => {
    const player = asking(kind, type);
    expect(player.message(message)).toEqual(['ok']);
    expect(player.stateOf().values).toEqual({ answer: value });
  });

  it('[P1] any saves the whole message to an object', () => {
    const player = asking('any', 'object');
    player.message({ sticker: { file_id: 'x' } });
    expect(player.stateOf().values).toMatchObject({ answer: { message_id: 2, from: { id: 1 }, sticker: { file_id: 'x' } } });
  });

  it.each([
    ['email', 'string', { text: 'ann@example' }, 'an e-mail address'], ['email', 'string', { text: 'ann b@example.com' }, 'an e-mail address'], ['email', 'string', { text: `${'a'.repeat(60)}@${'b.'.repeat(100)}com` }, 'an e-mail address'],
    ['phone', 'string', { text: '0441234567' }, 'begins with +'], ['phone', 'string', { text: '+123456' }, 'begins with +'], ['phone', 'string', { contact: { ...contact, user_id: 2 } }, 'begins with +'],
    ['date', 'string', { text: '2026-02-30' }, 'a date'], ['date', 'string', { text: '31.12/2026' }, 'a date'], ['date', 'string', { text: '1.2.2026' }, 'a date'],
    ['contact', 'object', { contact: { phone_number: '1', first_name: 'Bob' } }, 'your own contact'], ['contact', 'object', { text: '+380441234567' }, 'your own contact'],
    ['location', 'object', { text: 'here' }, 'your location'], ['photo', 'string', { document: pdf }, 'a photo'], ['document', 'string', { photo: [small] }, 'a document'],
    ['document', 'string', { animation: { file_id: 'g' }, document: pdf }, 'a document'],
  ])('%s saved as %s asks again for %j', (kind, type, message, text) => {
    const player = asking(kind, type);
    expect(player.message(message)[0]).toContain(text);
    expect(player.stateOf().values).toBeUndefined();
  });

  it('[P1] drops further parts of an album, and nothing after it', () => {
    const player = asking('photo', 'string');
    expect(player.message({ photo: [small], media_group_id: 'g1' })).toEqual(['ok']);
    expect(player.message({ photo: [large], media_group_id: 'g1' })).toEqual([]);
    expect(player.last.outcome).toEqual({ kind: 'ignored', code: 'album_part' });
    player.message({ photo: [large], media_group_id: 'g2' });
    expect(player.last.outcome).toEqual({ kind: 'ignored', code: 'no_match' });
    expect(player.stateOf()).toEqual({ v: 1, values: { answer: 's' } });
  });
});

describe('the request button', () => {
  it.each([['contact', 'object', 'request_contact', 'Share my contact'], ['phone', 'string', 'request_contact', 'Share my contact'], ['location', 'object', 'request_location', 'Share my location']])('[P1] comes with %s in a private chat', (kind, type, field, text) => {
    const player = asking(kind, type);
    expect(player.last.effects[0]?.params['reply_markup']).toEqual({ keyboard: [[{ text, [field]: true }]], resize_keyboard: true, one_time_keyboard: true });
  });

  it("has the author's text, and is left out in groups", () => {
    const player = asking('phone', 'string', { button: 'Number of {{context.user.first_name}}' });
    expect(player.last.effects[0]?.params['reply_markup']).toMatchObject({ keyboard: [[{ text: 'Number of Ann' }]] });
    player.message({ text: '/go', chat: { id: -5, type: 'group' } }, ANN);
    expect(player.last.effects[0]?.params['reply_markup']).toEqual({ force_reply: true, selective: true });
  });
});

describe('choice with a keyboard of its own', () => {
  it('puts the rows of reply_markup after its options', () => {
    const choice = (more: Part): Player => {
      const player = new Player(compileValue({ meta: { name: 'T', locales: ['en'], defaultLocale: 'en' }, fallback: { flow: 'main' }, flows: { main: { steps: [{ choice: { text: '?', options: [{ text: 'a' }], ...more } }] } } }));
      player.say('x');
      return player;
    };
    expect(choice({ reply_markup: { inline_keyboard: [[{ text: 'site', url: 'https://x.example' }]] } }).last.effects[0]?.params['reply_markup']).toMatchObject({ inline_keyboard: [[{ text: 'a' }], [{ text: 'site', url: 'https://x.example' }]] });
    expect(choice({ keyboard: 'reply', reply_markup: { keyboard: [['b']], is_persistent: true, one_time_keyboard: false } }).last.effects[0]?.params['reply_markup']).toEqual({ keyboard: [[{ text: 'a' }], [{ text: 'b' }]], resize_keyboard: true, one_time_keyboard: false, is_persistent: true });
  });
});
