import { describe, expect, it } from 'vitest';
import { METHOD_NAMES, schemaMethod } from '../src/domain/schema.ts';
import { plausibleValue } from '../src/domain/plausible.ts';
import { methodTable } from '../src/app/methods/table.ts';
import { ANN, setup } from './harness.ts';
import type { Json } from './harness.ts';

async function chat() {
  const client = await setup();
  const token = await client.bot();
  await client.sim('messages', { token, from: ANN, text: 'hi' });
  const call = async (method: string, params: object = {}): Promise<Json> => {
    const { status, body } = await client.api(token, method, { chat_id: ANN.id, ...params });
    return status === 200 ? body.result : body.description;
  };
  return { ...client, token, call };
}

const PHOTO = 'https://x.dev/a.png';

describe('messages', () => {
  it('go as albums, whole or not at all', async () => {
    const { call, get, token } = await chat();
    const album = await call('sendMediaGroup', { media: [{ type: 'photo', media: PHOTO, caption: '*a*', parse_mode: 'MarkdownV2' }, { type: 'video', media: PHOTO, has_spoiler: true }] });
    expect(album).toMatchObject([{ caption: 'a', caption_entities: [{ type: 'bold' }] }, { has_media_spoiler: true }]);
    expect(album[0].media_group_id).toBe(album[1].media_group_id);
    expect(await call('sendMediaGroup', { media: [{ type: 'photo', media: PHOTO }, { type: 'photo', media: 'attach://nothing' }] })).toBe('Bad Request: file must be non-empty');
    expect((await get(`chats/${token}/${ANN.id}/messages`)).messages).toHaveLength(3);
  });

  it('are forwarded with their origin, copied without, and not when they are protected', async () => {
    const { call } = await chat();
    const photo = await call('sendPhoto', { photo: PHOTO, caption: 'words' });
    const place = { from_chat_id: ANN.id, message_id: photo.message_id };
    expect(await call('forwardMessage', place)).toMatchObject({ caption: 'words', forward_origin: { type: 'user', sender_user: { is_bot: true } } });
    const { message_id } = await call('copyMessage', { ...place, caption: 'other' });
    expect(await call('forwardMessage', { ...place, message_id })).toMatchObject({ caption: 'other' });
    const secret = await call('sendMessage', { text: 'secret', protect_content: true });
    expect(await call('forwardMessage', { ...place, message_id: secret.message_id })).toBe("Bad Request: the message can't be forwarded");
    expect(await call('forwardMessages', { from_chat_id: ANN.id, message_ids: [1, secret.message_id, 999] })).toHaveLength(1);
    expect(await call('copyMessage', { ...place, message_id: 999 })).toBe('Bad Request: message to copy not found');
  });

  it('carry places, contacts, dice, paid media, games and rich text', async () => {
    const { call } = await chat();
    expect(await call('sendVenue', { latitude: 1, longitude: 2, title: 'Bar', address: 'Street' })).toMatchObject({ venue: { title: 'Bar' }, location: { latitude: 1 } });
    expect(await call('sendContact', { phone_number: '+1', first_name: 'C' })).toMatchObject({ contact: { phone_number: '+1' } });
    expect((await call('sendDice')).dice.value).toBeGreaterThan(0);
    expect(await call('sendPaidMedia', { star_count: 5, media: [{ type: 'photo', media: PHOTO }] })).toMatchObject({ paid_media: { star_count: 5 } });
    expect(await call('sendVideoNote', { video_note: PHOTO, length: 100 })).toMatchObject({ video_note: { length: 100 } });
    expect(await call('sendRichMessage', { rich_message: { html: '<h1>T</h1><p>a <b>b</b></p>' } })).toMatchObject({ rich_message: { blocks: [{ text: 'T' }, { text: 'a b' }] } });
    const { message_id } = await call('sendGame', { game_short_name: 'chess' });
    expect(await call('setGameScore', { message_id, user_id: ANN.id, score: 3 })).toMatchObject({ message_id });
    expect(await call('setGameScore', { message_id, user_id: ANN.id, score: 2 })).toBe('Bad Request: BOT_SCORE_NOT_MODIFIED');
    expect(await call('getGameHighScores', { message_id, user_id: ANN.id })).toMatchObject([{ position: 1, score: 3 }]);
  });

  it('[K3] are seen while they are written, and only then', async () => {
    const { call, get, token } = await chat();
    expect(await call('sendMessageDraft', { draft_id: 7, text: 'He' })).toBe(true);
    expect(await call('sendMessageDraft', { draft_id: 7, text: '<b>Hello</b>', parse_mode: 'HTML' })).toBe(true);
    expect(await call('sendMessageDraft', { draft_id: 0, text: 'x' })).toContain('Bad Request');
    const { events } = await get(`chats/${token}/${ANN.id}/events?after=1`);
    expect(events).toMatchObject([{ kind: 'draft', draft_id: 7, text: 'He' }, { kind: 'draft', draft_id: 7, text: 'Hello', entities: [{ type: 'bold' }] }]);
    expect((await get(`chats/${token}/${ANN.id}/messages`)).messages).toHaveLength(1);
  });

  it('change their media and their place', async () => {
    const { call } = await chat();
    const { message_id } = await call('sendPhoto', { photo: PHOTO, caption: 'a' });
    const edited = await call('editMessageMedia', { message_id, media: { type: 'document', media: PHOTO, caption: 'b' } });
    expect(edited).toMatchObject({ caption: 'b', document: {} });
    expect(edited.photo).toBeUndefined();
    const live = await call('sendLocation', { latitude: 1, longitude: 2, live_period: 60 });
    expect(await call('editMessageLiveLocation', { message_id: live.message_id, latitude: 3, longitude: 4 })).toMatchObject({ location: { latitude: 3, live_period: 60 } });
    expect((await call('stopMessageLiveLocation', { message_id: live.message_id })).location.live_period).toBeUndefined();
    expect(await call('stopMessageLiveLocation', { message_id: live.message_id })).toBe("Bad Request: message can't be stopped");
  });
});

it('inline mode: a person asks, chooses a result, and the bot edits what was put into the chat', async () => {
  const { api, sim, token, call, get } = await chat();
  const asked = sim('inline', { token, from: ANN, query: 'cat', wait: 10 });
  const { body } = await api(token, 'getUpdates', { timeout: 5, offset: -1 });
  const { id, query } = body.result[0].inline_query;
  const results = [{ type: 'article', id: 'r1', title: 'Cat', input_message_content: { message_text: `a *${query}*`, parse_mode: 'MarkdownV2' }, reply_markup: { inline_keyboard: [[{ text: 'more', callback_data: 'm' }]] } }];
  await api(token, 'answerInlineQuery', { inline_query_id: id, results });
  const { inline_query_id, answer } = await asked;
  expect(answer.results[0].id).toBe('r1');
  const chosen = await sim('inline/choose', { token, from: ANN, inline_query_id, result_id: 'r1' });
  expect(chosen.message).toMatchObject({ text: 'a cat', via_bot: { is_bot: true } });
  expect(await call('editMessageText', { chat_id: undefined, inline_message_id: chosen.inline_message_id, text: 'done' })).toBe(true);
  expect((await get(`chats/${token}/${ANN.id}/messages?after=${chosen.message_id - 1}`)).messages[0].text).toBe('done');
});

describe('the bot itself', () => {
  it('has names and descriptions by language, a menu button, rights it asks for and photos', async () => {
    const { call } = await chat();
    await call('setMyName', { name: 'Coffee' });
    await call('setMyName', { name: 'Kaffee', language_code: 'de' });
    expect([await call('getMyName', { language_code: 'de' }), await call('getMyName', { language_code: 'fr' })]).toEqual([{ name: 'Kaffee' }, { name: 'Coffee' }]);
    expect((await call('getMe')).first_name).toBe('Coffee');
    await call('setChatMenuButton', { menu_button: { type: 'web_app', text: 'Open', web_app: { url: 'https://x.dev' } } });
    expect(await call('getChatMenuButton')).toMatchObject({ type: 'web_app', text: 'Open' });
    await call('setMyDefaultAdministratorRights', { rights: { can_pin_messages: true, is_anonymous: false, can_manage_chat: true, can_delete_messages: false, can_manage_video_chats: false, can_restrict_members: false, can_promote_members: false, can_change_info: false, can_invite_users: false, can_post_stories: false, can_edit_stories: false, can_delete_stories: false, can_send_welcome_messages: false } });
    expect(await call('getMyDefaultAdministratorRights')).toMatchObject({ can_pin_messages: true, can_manage_chat: true });
    expect(await call('getUserProfilePhotos', { user_id: ANN.id })).toEqual({ total_count: 0, photos: [] });
  });

  it('earns Stars, lists them and gives them back once', async () => {
    const { api, sim, token, call } = await chat();
    const { message_id } = await call('sendInvoice', { title: 'T', description: 'D', payload: 'p', currency: 'XTR', prices: [{ label: 'x', amount: 50 }] });
    const paying = sim('pay', { token, from: ANN, invoice_message_id: message_id });
    const { body } = await api(token, 'getUpdates', { timeout: 5, offset: -1 });
    await api(token, 'answerPreCheckoutQuery', { pre_checkout_query_id: body.result[0].pre_checkout_query.id, ok: true });
    const { telegram_payment_charge_id } = await paying;
    expect(await call('getMyStarBalance')).toEqual({ amount: 50 });
    expect(await call('refundStarPayment', { user_id: ANN.id, telegram_payment_charge_id })).toBe(true);
    expect(await call('refundStarPayment', { user_id: ANN.id, telegram_payment_charge_id })).toBe('Bad Request: CHARGE_ALREADY_REFUNDED');
    expect(await call('getMyStarBalance')).toEqual({ amount: 0 });
    expect((await call('getStarTransactions')).transactions).toHaveLength(2);
  });

  it('makes sticker sets of its name', async () => {
    const { call, bot, api, sim } = await chat();
    const token = await bot({ username: 'paint_bot' });
    await sim('messages', { token, from: ANN, text: 'hi' });
    const sticker = { sticker: PHOTO, format: 'static', emoji_list: ['😀'] };
    const make = { user_id: ANN.id, name: 'cats_by_paint_bot', title: 'Cats', stickers: [sticker] };
    expect((await api(token, 'createNewStickerSet', make)).body.result).toBe(true);
    expect((await api(token, 'createNewStickerSet', make)).body.description).toBe('Bad Request: sticker set name is already occupied');
    await api(token, 'addStickerToSet', { user_id: ANN.id, name: make.name, sticker });
    const { result } = (await api(token, 'getStickerSet', { name: make.name })).body;
    await api(token, 'deleteStickerFromSet', { sticker: result.stickers[0].file_id });
    expect((await api(token, 'getStickerSet', { name: make.name })).body.result.stickers).toEqual([result.stickers[1]]);
    expect(await call('getStickerSet', { name: make.name })).toBe('Bad Request: STICKERSET_INVALID');
  });
});

it('every method that is only plausible answers in the shape of the schema', async () => {
  const { api, token, call } = await chat();
  await call('sendMessage', { text: 'x' });
  const table = methodTable(() => undefined);
  const plausible = METHOD_NAMES.filter((name) => table.get(name.toLowerCase())?.behaviour === 'plausible');
  expect(plausible.length).toBeGreaterThan(40);
  for (const name of plausible) {
    const params = Object.fromEntries((schemaMethod(name)?.params ?? []).filter((field) => field.isRequired).map((field) => [field.name, plausibleValue(field.type, { params: {}, nowMs: 0 }, field.name)]));
    const { status, body } = await api(token, name, { ...params, ...('chat_id' in params && { chat_id: ANN.id }) });
    expect([name, status, body.description]).toEqual([name, 200, undefined]);
  }
});
