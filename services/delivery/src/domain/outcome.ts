import type { Json } from '@botplane/domain';
import type { ApiResponse } from '@grammyjs/types';
import { RETRY_AFTER_DEFAULT_MS } from '../limits.ts';

/** What came back from a Bot API server, or why nothing did. */
export type BotApiAnswer =
  | { kind: 'answer'; status: number; body: BotApiBody | undefined }
  /** No connection: nothing was sent. */
  | { kind: 'unreachable'; message: string }
  /** A file of the call is not what it should be; nothing was done. */
  | { kind: 'no_file'; message: string }
  /** Sent, perhaps done, but no answer. */
  | { kind: 'no_answer'; message: string };

/** Body of every answer. */
export type BotApiBody = ApiResponse<Json>;

/** What a call came to. */
export type Outcome =
  | { kind: 'sent'; messageId: number | undefined }
  /** Telegram says no in a way that is nobody's loss: counted only. */
  | { kind: 'moot'; reason: string }
  /** Telegram says no for good. */
  | { kind: 'refused'; reason: string; message: string }
  /** Too many requests. */
  | { kind: 'frozen'; forMs: number }
  | { kind: 'migrated'; chatId: number }
  /** Counted, tried again. */
  | { kind: 'failed'; reason: string; message: string; isAmbiguous: boolean }
  /** Nothing was sent: tried again for a while without being counted. */
  | { kind: 'unreachable'; message: string };

/** Texts of Telegram's refusals and what they mean for us; the first that matches counts. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/bot was blocked by the user/i, 'blocked'],
  [/user is deactivated/i, 'deactivated'],
  [/bot was kicked|bot is not a member|not a participant/i, 'kicked'],
  [/can't initiate conversation|PEER_ID_INVALID/i, 'not_started'],
  [/chat not found/i, 'chat_not_found'],
  [/not enough rights|have no rights|CHAT_WRITE_FORBIDDEN|administrator rights/i, 'no_rights'],
  // For its own messages a bot needs no rights, so what cannot be deleted is older than the 48 h that Telegram allows.
  [/message can't be deleted/i, 'too_old'],
  [/message to (edit|delete|reply|forward|copy|pin|be replied)|message can't be edited|MESSAGE_ID_INVALID/i, 'message_gone'],
  [/message is too long|caption is too long|MESSAGE_TOO_LONG/i, 'text_too_long'],
  [/can't parse entities/i, 'bad_entities'],
  [/wrong (file|remote|type)|failed to get HTTP URL content|wrong file identifier/i, 'bad_file'],
];

const MOOT: readonly (readonly [RegExp, string])[] = [
  [/message is not modified/i, 'not_modified'],
  [/message to delete not found/i, 'already_deleted'],
];

/** Reads an answer. Pure. */
export function classify(method: string, answer: BotApiAnswer): Outcome {
  if (answer.kind === 'unreachable') return { kind: 'unreachable', message: answer.message };
  if (answer.kind === 'no_file') return { kind: 'refused', reason: 'file_missing', message: answer.message };
  if (answer.kind === 'no_answer') return { kind: 'failed', reason: 'no_answer', message: answer.message, isAmbiguous: true };
  const { status, body } = answer;
  if (body?.ok === true) return { kind: 'sent', messageId: messageIdOf(body.result) };
  if (status === 429) return { kind: 'frozen', forMs: retryAfterMs(body) };
  if (status >= 500 || body === undefined) return { kind: 'failed', reason: `http_${status}`, message: body?.description ?? 'no Bot API answer', isAmbiguous: false };
  if (body.parameters?.migrate_to_chat_id !== undefined) return { kind: 'migrated', chatId: body.parameters.migrate_to_chat_id };
  return refusal(method, status, body.description);
}

function refusal(method: string, status: number, description: string): Outcome {
  const moot = MOOT.find(([pattern]) => pattern.test(description))?.[1];
  if (moot !== undefined) return { kind: 'moot', reason: moot };
  // A query that was answered late or twice: the user saw it end already.
  if (status === 400 && (method === 'answerCallbackQuery' || (/^answer\w+Query$/.test(method) && /query is too old|QUERY_ID_INVALID/i.test(description)))) return { kind: 'moot', reason: 'too_old' };
  if (status === 401) return { kind: 'refused', reason: 'token_refused', message: description };
  if (status === 404) return { kind: 'refused', reason: 'method_unknown', message: description };
  const named = REFUSALS.find(([pattern]) => pattern.test(description))?.[1];
  return { kind: 'refused', reason: named ?? (status === 403 ? 'forbidden' : 'bad_request'), message: description };
}

function retryAfterMs(body: BotApiBody | undefined): number {
  const seconds = body?.ok === false ? body.parameters?.retry_after : undefined;
  return seconds === undefined ? RETRY_AFTER_DEFAULT_MS : seconds * 1_000;
}

function messageIdOf(result: Json): number | undefined {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return undefined;
  const id = (result as { message_id?: unknown }).message_id;
  return typeof id === 'number' ? id : undefined;
}
