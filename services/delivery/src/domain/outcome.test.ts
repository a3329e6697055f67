import { describe, expect, it } from 'vitest';
import { classify } from './outcome.ts';
import type { BotApiAnswer } from './outcome.ts';

const no = (status: number, description: string, parameters?: { retry_after?: number; migrate_to_chat_id?: number }): BotApiAnswer => ({
  kind: 'answer', status, body: { ok: false, error_code: status, description, ...(parameters ? { parameters } : {}) },
});

describe('classify', () => {
  it('remembers the id of a sent message', () => {
    expect(classify('sendMessage', { kind: 'answer', status: 200, body: { ok: true, result: { message_id: 7 } } })).toEqual({ kind: 'sent', messageId: 7 });
    expect(classify('deleteMessage', { kind: 'answer', status: 200, body: { ok: true, result: true } })).toEqual({ kind: 'sent', messageId: undefined });
  });

  it.each([
    [403, 'Forbidden: bot was blocked by the user', 'blocked'],
    [403, 'Forbidden: user is deactivated', 'deactivated'],
    [403, 'Forbidden: bot was kicked from the supergroup chat', 'kicked'],
    [403, "Forbidden: bot can't initiate conversation with a user", 'not_started'],
    [403, 'Forbidden: something new', 'forbidden'],
    [400, 'Bad Request: chat not found', 'chat_not_found'],
    [400, 'Bad Request: not enough rights to send text messages to the chat', 'no_rights'],
    [400, 'Bad Request: message to edit not found', 'message_gone'],
    [400, "Bad Request: message can't be deleted for everyone", 'too_old'],
    [400, "Bad Request: message can't be edited", 'message_gone'],
    [400, "Bad Request: can't parse entities: unclosed tag", 'bad_entities'],
    [400, 'Bad Request: message is too long', 'text_too_long'],
    [400, 'Bad Request: something new', 'bad_request'],
    [401, 'Unauthorized', 'token_refused'],
    [404, 'Not Found', 'method_unknown'],
  ])('%d %s is %s', (status, description, reason) => {
    expect(classify('sendMessage', no(status, description))).toMatchObject({ kind: 'refused', reason });
  });

  it.each([
    ['editMessageText', 'Bad Request: message is not modified', 'not_modified'],
    ['deleteMessage', 'Bad Request: message to delete not found', 'already_deleted'],
    ['answerCallbackQuery', 'Bad Request: query is too old and response timeout expired or query ID is invalid', 'too_old'],
    ['answerPreCheckoutQuery', 'Bad Request: query is too old and response timeout expired or query ID is invalid', 'too_old'],
  ])('%s: %s is nobody’s loss', (method, description, reason) => {
    expect(classify(method, no(400, description))).toEqual({ kind: 'moot', reason });
  });

  it('reads how long to wait and where a chat went', () => {
    expect(classify('sendMessage', no(429, 'Too Many Requests', { retry_after: 17 }))).toEqual({ kind: 'frozen', forMs: 17_000 });
    expect(classify('sendMessage', { kind: 'answer', status: 429, body: undefined })).toEqual({ kind: 'frozen', forMs: 1_000 });
    expect(classify('sendMessage', no(400, 'group upgraded', { migrate_to_chat_id: -1005 }))).toEqual({ kind: 'migrated', chatId: -1005 });
  });

  it('tells apart what was surely not done and what may have been', () => {
    expect(classify('sendMessage', { kind: 'unreachable', message: 'ECONNREFUSED' })).toMatchObject({ kind: 'unreachable' });
    expect(classify('sendMessage', { kind: 'no_answer', message: 'ECONNRESET' })).toMatchObject({ kind: 'failed', isAmbiguous: true });
    expect(classify('sendMessage', no(502, 'Bad Gateway'))).toMatchObject({ kind: 'failed', reason: 'http_502', isAmbiguous: false });
    expect(classify('sendMessage', { kind: 'answer', status: 200, body: undefined })).toMatchObject({ kind: 'failed', reason: 'http_200' });
  });
});
