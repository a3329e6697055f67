import type { KeptMessage, OutboundCall } from '@botplane/contracts';
import { KEPT_CONTENT_CHARS_MAX } from '../limits.ts';

/** The row for a message that was sent; undefined when the bot keeps none. */
export function keptMessage(call: OutboundCall, messageId: number | undefined, nowMs: number): KeptMessage | undefined {
  const { keep, chat, botId, params, source } = call;
  if (keep === undefined || chat === null) return undefined;
  const text = [params['text'], params['caption']].find((body) => typeof body === 'string') ?? null;
  const isClean = keep.content === undefined;
  const threadId = params['message_thread_id'];
  return {
    v: 1, botId, direction: 'out', chat, threadId: typeof threadId === 'number' ? threadId : null, userId: keep.userId,
    id: messageId === undefined ? `s${source.key}:${source.seq}:${source.n}` : `m${messageId}`,
    messageId: messageId ?? null, updateId: keep.updateId, kind: kindOf(call.method), content: (isClean ? text : (keep.content ?? null))?.slice(0, KEPT_CONTENT_CHARS_MAX) ?? null,
    pii: !isClean, sentMs: nowMs, retentionMs: keep.retentionMs,
  };
}

/** `sendVideoNote` sends a video_note; copies and forwards are what they were. */
function kindOf(method: string): string {
  if (method === 'sendMessage') return 'text';
  return method.replace(/^send/, '').replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase();
}
