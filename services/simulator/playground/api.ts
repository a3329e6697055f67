import type { BotRow, ChatEvent, ChatView, Fault, MemberStatus, Message, Paid, Person, ReactionType, Trace, Transcript } from './types.ts';

/** Seconds of one long poll, below every proxy's patience. */
const WAIT_S = 25;
/** Messages of one page of history. */
export const PAGE_SIZE = 100;

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, init);
  const body = (await response.json().catch(() => ({}))) as T & { error?: unknown };
  if (!response.ok) throw new Error(typeof body.error === 'string' ? body.error : `The simulator answered ${response.status}.`);
  return body;
}

const post = <T>(path: string, body: unknown): Promise<T> =>
  ask<T>(`/_sim/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

const ofBot = (username: string, rest: string): string => `/_sim/playground/${encodeURIComponent(username)}${rest}`;

export const listBots = (): Promise<{ bots: BotRow[] }> => ask('/_sim/playground');
export const createBot = (username: string, privacy: boolean): Promise<{ token: string; username: string }> => post('bots', { username, privacy });

export const loadChat = (username: string, person: Person, chatId: number, limit = PAGE_SIZE): Promise<ChatView> =>
  ask(ofBot(username, `?user_id=${person.id}&language=${person.language_code}&chat_id=${chatId}&limit=${limit}`));

export const loadHistory = (username: string, chatId: number, before: number): Promise<{ messages: Message[]; more: boolean }> =>
  ask(ofBot(username, `/history?chat_id=${chatId}&before=${before}&limit=${PAGE_SIZE}`));

export const nextEvents = (username: string, after: number, signal: AbortSignal): Promise<{ events: ChatEvent[]; seq: number }> =>
  ask(ofBot(username, `/events?after=${after}&wait=${WAIT_S}`), { signal });

/** Where the events of a bot are now. */
export const lastSeq = async (username: string, signal: AbortSignal): Promise<number> =>
  (await ask<{ seq: number }>(ofBot(username, `/events?after=${Number.MAX_SAFE_INTEGER}`), { signal })).seq;

export const loadTranscript = (username: string, chatId: number): Promise<Transcript> => ask(ofBot(username, `/transcript?chat_id=${chatId}`));

export const traceMessage = (username: string, chatId: number, messageId: number): Promise<Trace> =>
  ask(ofBot(username, `/trace?chat_id=${chatId}&message_id=${messageId}`));

export const fileUrl = (token: string, fileId: string): string => `/_sim/files/${encodeURIComponent(token)}/${encodeURIComponent(fileId)}`;

/** What a person does in one chat of a bot. */
export class Acts {
  constructor(
    private readonly token: string,
    private readonly from: Person,
    private readonly chatId: number,
  ) {}

  send(content: Record<string, unknown>): Promise<{ update_id: number | null }> {
    return post('messages', { ...this.who(), chat: this.chatId, ...content });
  }

  edit(messageId: number, change: { text: string } | { caption: string }): Promise<unknown> {
    return post('edits', { ...this.at(messageId), ...change });
  }

  remove(messageId: number): Promise<unknown> {
    return post('deletes', this.at(messageId));
  }

  react(messageId: number, reaction: ReactionType[]): Promise<unknown> {
    return post('reactions', { ...this.at(messageId), reaction });
  }

  press(messageId: number, data: string): Promise<{ callback_query_id: string; update_id: number | null }> {
    return post('callbacks', { ...this.at(messageId), data });
  }

  vote(messageId: number, optionIds: number[]): Promise<unknown> {
    return post('votes', { ...this.at(messageId), option_ids: optionIds });
  }

  pay(messageId: number, decline: boolean): Promise<Paid> {
    return post('pay', { ...this.who(), invoice_message_id: messageId, decline });
  }

  block(blocked: boolean): Promise<unknown> {
    return post('block', { ...this.who(), blocked });
  }

  requestToJoin(): Promise<{ update_id: number | null }> {
    return post('join', { ...this.who(), chat: this.chatId });
  }

  setMember(user: { id: number; first_name?: string }, status: MemberStatus): Promise<unknown> {
    return post('members', { chat_id: this.chatId, user, status });
  }

  setBotStatus(status: MemberStatus): Promise<unknown> {
    return post('members', { chat_id: this.chatId, token: this.token, status });
  }

  private who(): { token: string; from: Person } {
    return { token: this.token, from: this.from };
  }

  private at(messageId: number): Record<string, unknown> {
    return { ...this.who(), chat_id: this.chatId, message_id: messageId };
  }
}

export const createGroup = (token: string, title: string, members: Person[], botStatus: MemberStatus): Promise<{ id: number }> =>
  post('chats', { type: 'supergroup', title, members, bots: [{ token, status: botStatus }] });

export const setPrivacy = (token: string, privacy: boolean): Promise<unknown> => post('privacy', { token, privacy });

export const listFaults = (token: string): Promise<{ faults: Fault[] }> => ask(`/_sim/faults?token=${encodeURIComponent(token)}`);
export const addFault = (fault: Record<string, unknown>): Promise<{ id: string }> => post('faults', fault);
export const removeFault = (id: string): Promise<unknown> => ask(`/_sim/faults/${id}`, { method: 'DELETE' });
