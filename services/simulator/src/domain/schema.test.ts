import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkCall } from './check-call.ts';
import { checkValue } from './check-value.ts';
import { BOT_API_VERSION } from './generated/bot-api-schema.ts';
import { plausibleValue } from './plausible.ts';
import { METHOD_NAMES, schemaMethod, schemaNamed } from './schema.ts';
import type { SchemaField, SchemaMethod } from './schema.ts';
import { UPDATE_KINDS } from './updates.ts';

const method = (name: string): SchemaMethod => schemaMethod(name) as SchemaMethod;
const refusal = (name: string, params: object, uploads: { field: string }[] = []): string | null => {
  try {
    checkCall(method(name), params as Record<string, unknown>, uploads);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

it('describes Bot API 10.3 with its 185 methods', () => {
  expect(BOT_API_VERSION).toBe('10.3');
  expect(METHOD_NAMES).toHaveLength(185);
});

it('names every kind of update that the simulator queues', () => {
  const update = schemaNamed('Update');
  expect(update.kind === 'object' ? update.fields.map(({ name }) => name).filter((name) => name !== 'update_id') : []).toEqual([...UPDATE_KINDS]);
});

it.each(METHOD_NAMES)('%s: made-up parameters pass their check, and a made-up answer is of its shape', (name) => {
  const { params, result } = method(name);
  const context = { params: { chat_id: -5, user_id: 7 }, nowMs: 1_000 };
  expect(checkValue(plausibleValue(result, context), result, 'result')).toBeNull();
  const given = Object.fromEntries(params.map((field) => [field.name, plausibleValue(field.type, context, field.name)]));
  expect(refusal(name, given, params.map((one) => ({ field: one.name })))).toBeNull();
});

describe('the check of a call', () => {
  it.each([
    ['sendMessage', { text: 'x' }, 'chat_id is empty'],
    ['sendMessage', { chat_id: 1 }, 'message text is empty'],
    ['sendMessage', { chat_id: 1, text: { a: 1 } }, 'field "text" must be of type String'],
    ['sendMessage', { chat_id: 1, text: 'x', entities: '{' }, "can't parse entities JSON object"],
    ['sendMessage', { chat_id: 1, text: 'x', entities: [{ type: 'bold', offset: 0 }] }, 'can\'t parse MessageEntity: Can\'t find field "length"'],
    ['sendMessage', { chat_id: 1, text: 'x', entities: [{ type: 'bold', offset: 'a', length: 1 }] }, 'can\'t parse MessageEntity: Field "offset" must be a Number'],
    ['sendMessage', { chat_id: 1, text: 'x', link_preview_options: { is_disabled: 1 } }, 'can\'t parse LinkPreviewOptions: Field "is_disabled" must be of type Boolean'],
    ['banChatMember', { chat_id: 1 }, 'invalid user_id specified'],
    ['banChatMember', { chat_id: 1, user_id: 'Ann' }, 'invalid user_id specified'],
    ['sendPhoto', { chat_id: 1 }, 'there is no photo in the request'],
    ['sendMediaGroup', { chat_id: 1, media: [{ media: 'x' }] }, 'can\'t parse InputMedia: Can\'t find field "type"'],
    ['sendMediaGroup', { chat_id: 1, media: [{ type: 'song', media: 'x' }] }, "can't parse InputMedia: Unsupported type specified"],
    ['sendMediaGroup', { chat_id: 1, media: [{ type: 'photo' }] }, 'can\'t parse InputMediaPhoto: Can\'t find field "media"'],
    ['setMessageReaction', { chat_id: 1, message_id: 1, reaction: [{ type: 'emoji', emoji: 'x' }] }, 'can\'t parse ReactionTypeEmoji: Field "emoji" has an unsupported value'],
    ['createForumTopic', { chat_id: 1, name: 'a', icon_color: 1 }, 'wrong parameter icon_color in request'],
    ['setMyCommands', { commands: [{ command: 'a' }] }, 'can\'t parse BotCommand: Can\'t find field "description"'],
    ['setMyCommands', { commands: [], scope: { type: 'all' } }, "can't parse BotCommandScope: Unsupported type specified"],
  ])('%s with %j is refused', (name, params, words) => expect(refusal(name, params)).toBe(`Bad Request: ${words}`));

  it.each([
    ['sendMessage', { chat_id: '1', text: 5, disable_notification: 'yes', message_thread_id: '7', entities: '[]', nobody: 'knows' }],
    ['sendMessage', { chat_id: '@channel', text: 'x', reply_parameters: '{"message_id":"5"}', link_preview_options: null }],
    ['sendPhoto', { chat_id: 1, photo: 'attach://a' }],
    ['sendDocument', { chat_id: 1, document: 'AgACAgIAAxk' }],
    ['setWebhook', { url: '' }],
    ['createForumTopic', { chat_id: 1, name: 'a', icon_color: '7322096' }],
    ['sendRichMessage', { chat_id: 1, rich_message: { blocks: [{ type: 'paragraph', text: ['a', { type: 'bold', text: 'b' }] }] } }],
  ])('%s with %j passes, as forms and lenient clients send it', (name, params) => expect(refusal(name, params)).toBeNull());

  it('takes an upload for a file', () => expect(refusal('sendPhoto', { chat_id: 1 }, [{ field: 'photo' }])).toBeNull());
});

describe('against another description of the Bot API', () => {
  // An independent one of Bot API 10.1 (PaulSonOfLars/telegram-bot-api-spec); it lies beside a checkout where it is wanted and is no part of it.
  const path = fileURLToPath(new URL('../../../../../shared/data/telegram-bot-api.json', import.meta.url));
  interface Described { methods: Record<string, { fields?: { name: string; required: boolean; types: string[] }[]; returns: string[] }>; types: Record<string, { fields?: { name: string; required: boolean }[] }> }

  it.runIf(existsSync(path))('has its methods and objects with their parameters and fields, and demands the same', () => {
    const other = JSON.parse(readFileSync(path, 'utf8')) as Described;
    const differences: string[] = [];
    for (const [name, { fields = [], returns }] of Object.entries(other.methods)) {
      const ours = schemaMethod(name);
      if (!ours) { differences.push(`no method ${name}`); continue; }
      differences.push(...compare(name, fields, ours.params));
      if (returns[0] === 'Boolean' && returns.length === 1 && !(ours.result.kind === 'literal' && ours.result.value === true)) differences.push(`${name}: another result`);
    }
    for (const [name, { fields = [] }] of Object.entries(other.types)) {
      if (name === 'InputFile' || fields.length === 0) continue;
      const ours = schemaNamed(name);
      differences.push(...compare(name, fields, ours.kind === 'object' ? ours.fields : []));
    }
    // Since 10.2 a reply may name an ephemeral message instead.
    expect(differences).toEqual(['ReplyParameters.message_id: required there']);
  });

  const compare = (owner: string, theirs: { name: string; required: boolean }[], ours: readonly SchemaField[]): string[] => theirs.flatMap(({ name, required }) => {
    const field = ours.find((one) => one.name === name);
    if (!field) return [`${owner}: no ${name}`];
    return field.isRequired === required ? [] : [`${owner}.${name}: ${required ? '' : 'not '}required there`];
  });
});
