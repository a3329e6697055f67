import { describe, expect, it } from 'vitest';
import { ANN, BOB, setup } from './harness.ts';
import type { Json } from './harness.ts';

/** A group with Ann as its owner and Bob in it, and a bot that administers it and asked for everything. */
async function group(status = 'administrator', extra: object = {}) {
  const client = await setup();
  const token = await client.bot();
  const chat = await client.sim('chats', { type: 'supergroup', title: 'Club', members: [ANN, BOB], bots: [{ token, status }], ...extra });
  await client.sim('members', { chat_id: chat.id, user: ANN, status: 'creator' });
  await client.api(token, 'getUpdates', { allowed_updates: ['message', 'chat_member', 'my_chat_member', 'poll_answer', 'poll', 'message_reaction', 'inline_query', 'chosen_inline_result'], offset: -1 });
  const call = async (method: string, params: object = {}): Promise<Json> => {
    const { status: code, body } = await client.api(token, method, { chat_id: chat.id, ...params });
    return code === 200 ? body.result : body.description;
  };
  const updates = async (): Promise<Json[]> => (await client.api(token, 'getUpdates', {})).body.result;
  return { ...client, token, chat, call, updates };
}

describe('members of a group', () => {
  it('are restricted, promoted, banned and let in again, and the bot hears of each', async () => {
    const { call, updates } = await group();
    const bob = { user_id: BOB.id };
    expect(await call('restrictChatMember', { ...bob, permissions: { can_send_messages: true }, until_date: 5 })).toBe(true);
    expect(await call('getChatMember', bob)).toMatchObject({ status: 'restricted', can_send_messages: true, can_send_photos: false, until_date: 5 });
    expect(await call('promoteChatMember', { ...bob, can_pin_messages: true })).toBe(true);
    expect(await call('setChatAdministratorCustomTitle', { ...bob, custom_title: 'Judge' })).toBe(true);
    expect(await call('getChatMember', bob)).toMatchObject({ status: 'administrator', can_pin_messages: true, can_delete_messages: false, custom_title: 'Judge' });
    expect((await call('getChatAdministrators')).map((one: Json) => one.user.id)).toEqual([ANN.id, BOB.id]);
    expect(await call('banChatMember', bob)).toBe('Bad Request: user is an administrator of the chat');
    expect(await call('promoteChatMember', bob)).toBe(true);
    expect(await call('banChatMember', bob)).toBe(true);
    expect(await call('getChatMember', bob)).toMatchObject({ status: 'kicked' });
    expect(await call('getChatMemberCount')).toBe(2);
    expect(await call('unbanChatMember', { ...bob, only_if_banned: true })).toBe(true);
    expect(await call('getChatMember', bob)).toMatchObject({ status: 'left' });
    const changes = (await updates()).flatMap((update) => update.chat_member ?? []).map((one) => `${one.old_chat_member.status}>${one.new_chat_member.status}`);
    expect(changes).toEqual(['member>restricted', 'restricted>administrator', 'administrator>member', 'member>kicked', 'kicked>left']);
  });

  it.each([
    ['banChatMember', { user_id: ANN.id }, "Bad Request: can't remove chat owner"],
    ['banChatMember', { user_id: 77 }, 'Bad Request: PARTICIPANT_ID_INVALID'],
    ['promoteChatMember', { user_id: 77 }, 'Bad Request: PARTICIPANT_ID_INVALID'],
    ['setChatAdministratorCustomTitle', { user_id: BOB.id, custom_title: 'x' }, 'Bad Request: user is not an administrator'],
    ['setChatTitle', { title: 'Club' }, 'Bad Request: chat title is not modified'],
    ['deleteChatPhoto', {}, 'Bad Request: CHAT_NOT_MODIFIED'],
    ['unpinChatMessage', {}, 'Bad Request: message to unpin not found'],
    ['createForumTopic', { name: 'x' }, 'Bad Request: the chat is not a forum'],
    ['setChatStickerSet', { sticker_set_name: 'none' }, 'Bad Request: STICKERSET_INVALID'],
    ['createChatInviteLink', { member_limit: 3, creates_join_request: true }, "Bad Request: member limit can't be specified for links requiring administrator approval"],
    ['sendMediaGroup', { media: [{ type: 'audio', media: 'https://x.dev/a.mp3' }, { type: 'photo', media: 'https://x.dev/a.png' }] }, "Bad Request: audio can't be mixed with other media types"],
    ['sendPoll', { question: 'q', options: [] }, 'Bad Request: poll must have at least 1 option'],
    ['sendPoll', { question: 'q', options: [{ text: 'a' }, { text: 'b' }], type: 'quiz' }, 'Bad Request: wrong correct option ID specified'],
    ['stopPoll', { message_id: 1 }, 'Bad Request: message with poll to stop not found'],
    ['copyMessage', { from_chat_id: ANN.id, message_id: 1 }, 'Bad Request: chat not found'],
    ['sendMessageDraft', { draft_id: 1, text: 'x' }, 'Bad Request: TEXTDRAFT_PEER_INVALID'],
    ['sendDice', { emoji: '🎃' }, 'Bad Request: wrong dice emoji specified'],
    ['sendLocation', { latitude: 91, longitude: 0 }, 'Bad Request: latitude or longitude is invalid'],
    ['refundStarPayment', { user_id: 1, telegram_payment_charge_id: 'no' }, 'Bad Request: CHARGE_ID_INVALID'],
    ['getStickerSet', { name: 'none' }, 'Bad Request: STICKERSET_INVALID'],
    ['sendRichMessage', { rich_message: {} }, 'Bad Request: exactly one of the fields blocks, html and markdown must be specified'],
    ['editMessageText', { inline_message_id: 'none', text: 'x' }, 'Bad Request: MESSAGE_ID_INVALID'],
  ])('%s with %j is refused in Telegram\'s words', async (method, params, words) => expect(await (await group()).call(method, params)).toBe(words));

  it.each([
    ['banChatMember', { user_id: BOB.id }, 'Bad Request: not enough rights to restrict/unrestrict chat member'],
    ['setChatTitle', { title: 'New' }, 'Bad Request: not enough rights to change chat title'],
    ['setChatDescription', { description: 'New' }, 'Bad Request: not enough rights to set chat description'],
    ['pinChatMessage', { message_id: 1 }, 'Bad Request: not enough rights to manage pinned messages in the chat'],
    ['exportChatInviteLink', {}, 'Bad Request: not enough rights to manage chat invite link'],
    ['promoteChatMember', { user_id: BOB.id }, 'Bad Request: not enough rights'],
  ])('%s needs an administrator', async (method, params, words) => expect(await (await group('member')).call(method, params)).toBe(words));

  it('have no say in what the bot may do: a right taken from it is gone', async () => {
    const { sim, token, chat, call } = await group();
    await sim('members', { chat_id: chat.id, token, status: 'administrator', details: { can_pin_messages: false } });
    expect(await call('pinChatMessage', { message_id: 1 })).toContain('not enough rights to manage pinned messages');
    expect(await call('setChatTitle', { title: 'Still' })).toBe(true);
  });
});

describe('a group', () => {
  it('takes title, description, photo, permissions and pins, and getChat shows them', async () => {
    const { url, token, chat, call } = await group();
    await call('setChatTitle', { title: 'New' });
    await call('setChatDescription', { description: 'About' });
    await call('setChatPermissions', { permissions: { can_send_messages: true } });
    const form = new FormData();
    form.set('chat_id', String(chat.id));
    form.set('photo', new Blob(['png']), 'a.png');
    expect((await (await fetch(`${url}/bot${token}/setChatPhoto`, { method: 'POST', body: form })).json() as Json).result).toBe(true);
    const { message_id } = await call('sendMessage', { text: 'pin me' });
    await call('pinChatMessage', { message_id });
    expect(await call('getChat')).toMatchObject({
      title: 'New', description: 'About', permissions: { can_send_messages: true, can_send_photos: false }, photo: { big_file_id: expect.any(String) }, pinned_message: { message_id, text: 'pin me' },
    });
    expect(await call('unpinAllChatMessages')).toBe(true);
    expect((await call('getChat')).pinned_message).toBeUndefined();
  });

  it('hands out invite links, edits and revokes them', async () => {
    const { call } = await group();
    const first = await call('exportChatInviteLink');
    const link = await call('createChatInviteLink', { name: 'Spring', member_limit: 5 });
    expect(link).toMatchObject({ name: 'Spring', member_limit: 5, is_primary: false, is_revoked: false });
    expect(await call('editChatInviteLink', { invite_link: link.invite_link, name: 'Summer' })).toMatchObject({ name: 'Summer', invite_link: link.invite_link });
    expect(await call('revokeChatInviteLink', { invite_link: link.invite_link })).toMatchObject({ is_revoked: true });
    expect((await call('getChat')).invite_link).toBe(first);
    expect(await call('revokeChatInviteLink', { invite_link: 'https://t.me/+no' })).toBe('Bad Request: INVITE_HASH_EXPIRED');
  });

  it('with topics takes messages in topics that are there and open', async () => {
    const { call, sim, token, chat } = await group('administrator', { is_forum: true });
    const topic = await call('createForumTopic', { name: 'News' });
    expect(await call('sendMessage', { text: 'x', message_thread_id: topic.message_thread_id })).toMatchObject({ is_topic_message: true });
    expect(await call('sendMessage', { text: 'x', message_thread_id: 999 })).toBe('Bad Request: message thread not found');
    expect(await call('closeForumTopic', topic)).toBe(true);
    expect(await call('closeForumTopic', topic)).toBe('Bad Request: TOPIC_NOT_MODIFIED');
    await sim('members', { chat_id: chat.id, token, status: 'member' });
    expect(await call('sendMessage', { text: 'x', message_thread_id: topic.message_thread_id })).toBe('Bad Request: TOPIC_CLOSED');
    expect(await call('reopenForumTopic', topic)).toBe('Bad Request: not enough rights to reopen the topic');
    await sim('members', { chat_id: chat.id, token, status: 'administrator' });
    expect(await call('editForumTopic', { ...topic, name: 'Old news' })).toBe(true);
    expect(await call('hideGeneralForumTopic')).toBe(true);
    expect(await call('deleteForumTopic', topic)).toBe(true);
    expect(await call('editForumTopic', { ...topic, name: 'Gone' })).toBe('Bad Request: TOPIC_ID_INVALID');
  });

  it('is left, and then the bot may not write there', async () => {
    const { call, updates } = await group();
    expect(await call('leaveChat')).toBe(true);
    expect(await call('sendMessage', { text: 'x' })).toBe('Forbidden: bot is not a member of the supergroup chat');
    expect((await updates()).at(-1).my_chat_member.new_chat_member.status).toBe('left');
  });

  it('shows who reacted and what before', async () => {
    const { call, sim, token, chat, updates } = await group();
    const { message_id } = await call('sendMessage', { text: 'nice' });
    const reaction = (emoji: string): object[] => [{ type: 'emoji', emoji }];
    await sim('reactions', { token, from: BOB, chat_id: chat.id, message_id, reaction: reaction('👍') });
    await sim('reactions', { token, from: BOB, chat_id: chat.id, message_id, reaction: reaction('🔥') });
    expect((await updates()).at(-1).message_reaction).toMatchObject({ old_reaction: reaction('👍'), new_reaction: reaction('🔥') });
    expect(await call('deleteMessageReaction', { message_id, user_id: BOB.id })).toBe(true);
  });
});

it('polls count votes, tell who voted, take one answer unless more are allowed, and close', async () => {
  const { call, sim, ask, token, chat, updates } = await group();
  const { message_id, poll } = await call('sendPoll', { question: 'Tea?', options: [{ text: 'yes' }, { text: 'no' }], is_anonymous: false });
  await sim('votes', { token, from: ANN, chat_id: chat.id, message_id, option_ids: [0] });
  await sim('votes', { token, from: BOB, chat_id: chat.id, message_id, option_ids: [0] });
  await sim('votes', { token, from: BOB, chat_id: chat.id, message_id, option_ids: [1] });
  expect((await ask('POST', '/_sim/votes', { token, from: BOB, chat_id: chat.id, message_id, option_ids: [0, 1] })).status).toBe(409);
  expect((await updates()).flatMap((one) => one.poll_answer ?? []).map((one) => [one.user.id, one.option_ids])).toEqual([[ANN.id, [0]], [BOB.id, [0]], [BOB.id, [1]]]);
  expect(await call('stopPoll', { message_id })).toMatchObject({ id: poll.id, is_closed: true, total_voter_count: 2, options: [{ voter_count: 1 }, { voter_count: 1 }] });
  expect(await call('stopPoll', { message_id })).toBe('Bad Request: poll has already been closed');
});
