import type { Chat, ChatEvent, Person, Trace } from './types.ts';

/** Seconds of one long poll, below every proxy's patience. */
const WAIT_S = 25;

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, init);
  const body = (await response.json().catch(() => ({}))) as T & { error?: unknown };
  if (!response.ok) throw new Error(typeof body.error === 'string' ? body.error : `The simulator answered ${response.status}.`);
  return body;
}

const post = <T>(path: string, body: unknown): Promise<T> =>
  ask<T>(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

export interface BotRow {
  username: string;
  name: string;
  live: boolean;
}

export const listBots = (): Promise<{ bots: BotRow[] }> => ask('/_sim/playground');

export const loadChat = (username: string, person: Person): Promise<Chat> =>
  ask(`/_sim/playground/${encodeURIComponent(username)}?user_id=${person.id}&language=${person.language_code}`);

export const nextEvents = (token: string, userId: number, after: number, signal: AbortSignal): Promise<{ events: ChatEvent[] }> =>
  ask(`/_sim/chats/${encodeURIComponent(token)}/${userId}/events?after=${after}&wait=${WAIT_S}`, { signal });

export const send = (token: string, from: Person, content: Record<string, unknown>): Promise<unknown> =>
  post('/_sim/messages', { token, from, ...content });

export const press = (token: string, from: Person, messageId: number, data: string): Promise<{ callback_query_id: string; update_id: number | null }> =>
  post('/_sim/callbacks', { token, from, chat_id: from.id, message_id: messageId, data });

export const traceMessage = (username: string, chatId: number, messageId: number): Promise<Trace> =>
  ask(`/_sim/playground/${encodeURIComponent(username)}/trace?chat_id=${chatId}&message_id=${messageId}`);

export const fileUrl = (token: string, fileId: string): string =>
  `/_sim/files/${encodeURIComponent(token)}/${encodeURIComponent(fileId)}`;
