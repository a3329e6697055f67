import type { OutboundCall } from '@botplane/contracts';
import { describe, expect, it } from 'vitest';
import { keptMessage } from './kept-message.ts';

const call: OutboundCall = {
  v: 1, botId: 'shop_tea', lane: 'reply', chat: '5', source: { key: 'c5_u5', seq: 9, n: 1 }, method: 'sendMessage', params: { chat_id: 5, text: 'Hello Ann', message_thread_id: 4 },
  revision: 'r', acceptedMs: 1, keep: { retentionMs: 1_000, userId: 5, updateId: 7 },
};

describe('keptMessage', () => {
  it('[K1] takes the text of the call unless the executor took something personal out of it', () => {
    expect(keptMessage(call, 12, 99)).toEqual({ v: 1, botId: 'shop_tea', direction: 'out', chat: '5', threadId: 4, userId: 5, id: 'm12', messageId: 12, updateId: 7, kind: 'text', content: 'Hello Ann', pii: false, sentMs: 99, retentionMs: 1_000 });
    expect(keptMessage({ ...call, keep: { retentionMs: 1, userId: 5, updateId: 7, content: 'Hello ***' } }, 12, 99)).toMatchObject({ content: 'Hello ***', pii: true });
    expect(keptMessage({ ...call, keep: { retentionMs: 1, userId: 5, updateId: 7, content: null } }, 12, 99)).toMatchObject({ content: null, pii: true });
  });

  it('names a message without an id by its source, and its kind by the method', () => {
    expect(keptMessage({ ...call, method: 'sendMediaGroup', params: {} }, undefined, 99)).toMatchObject({ id: 'sc5_u5:9:1', messageId: null, kind: 'media_group', content: null, pii: false });
    expect(keptMessage({ ...call, method: 'sendPhoto', params: { caption: 'look' } }, 1, 99)).toMatchObject({ kind: 'photo', content: 'look' });
    expect(keptMessage({ ...call, method: 'copyMessage', params: {} }, 1, 99)).toMatchObject({ kind: 'copy_message' });
  });

  it('is nothing for bots that keep none', () => {
    const { keep: _keep, ...plain } = call;
    expect(keptMessage(plain, 12, 99)).toBeUndefined();
  });
});
