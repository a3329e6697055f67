import { Agent, request } from 'undici';
import { RECORD_PAGE } from '../limits.ts';
import { KINDS } from '../load/kinds.ts';

const PERSON = { is_bot: false, first_name: 'P' } as const;

/** A bot's conversation with one person, in private: the chat has the id of the person. */
export interface PrivateChat {
  token: string;
  chat: number;
}

/** What the simulator recorded of one try to deliver an update. */
export interface RecordedDelivery {
  seq: number;
  update_id: number;
  /** When it began, and how long it took. */
  time: number;
  ms: number;
  /** Set when the webhook did not take it. */
  error?: string;
}

/** What the simulator recorded of one Bot API call. */
export interface RecordedCall {
  seq: number;
  time: number;
  method: string;
  chat_id: number | null;
  params: { text?: unknown; reply_markup?: unknown };
  status: number | null;
  response: { ok?: boolean; parameters?: { retry_after?: number } } | null;
}

export interface Fault {
  token?: string;
  chat_id?: number;
  kind: '429';
  retry_after: number;
  count: number;
}

/** The simulator: people that write, and the record of what reached them. */
export class Telegram {
  private readonly agent = new Agent({ connections: 64, keepAliveTimeout: 30_000 });

  constructor(readonly url: string) {}

  async addBot(token: string, username: string): Promise<{ id: number; username: string }> {
    return this.post('/_sim/bots', { token, username });
  }

  async setWebhook(token: string, url: string, secret: string, connections: number): Promise<void> {
    await this.post(`/bot${token}/setWebhook`, { url, secret_token: secret, max_connections: connections, allowed_updates: KINDS });
  }

  /** A person writes to the bot. */
  async write({ token, chat }: PrivateChat, text: string): Promise<{ updateId: number; messageId: number }> {
    const { update_id, message_id } = await this.post<{ update_id: number | null; message_id: number }>('/_sim/messages', { token, from: { id: chat, ...PERSON }, text });
    return { updateId: seen(update_id), messageId: message_id };
  }

  /** Each of these resolves to the id of the update that it caused. */
  async edit({ token, chat }: PrivateChat, messageId: number, text: string): Promise<number> {
    return this.cause('/_sim/edits', { token, from: { id: chat, ...PERSON }, chat_id: chat, message_id: messageId, text });
  }

  async press({ token, chat }: PrivateChat, messageId: number, data: string): Promise<number> {
    return this.cause('/_sim/callbacks', { token, from: { id: chat, ...PERSON }, chat_id: chat, message_id: messageId, data, force: true });
  }

  async react({ token, chat }: PrivateChat, messageId: number, emojiId: string): Promise<number> {
    return this.cause('/_sim/reactions', { token, from: { id: chat, ...PERSON }, chat_id: chat, message_id: messageId, reaction: [{ type: 'custom_emoji', custom_emoji_id: emojiId }] });
  }

  /** The bot's membership in the chat is told anew, by an invite link of this name. */
  async changeMember({ token, chat }: PrivateChat, linkName: string): Promise<number> {
    const from = { id: chat, ...PERSON };
    const member = { status: 'member', user: { id: Number(token.split(':')[0]), is_bot: true, first_name: 'B' } };
    const change = { chat: { id: chat, type: 'private', first_name: PERSON.first_name }, from, date: Math.floor(Date.now() / 1_000), old_chat_member: member, new_chat_member: member, invite_link: { name: linkName } };
    return this.cause('/_sim/updates', { token, update: { my_chat_member: change } });
  }

  /** Telegram sends an update again that it delivered before. */
  async redeliver(token: string, updateId: number): Promise<void> {
    await this.post('/_sim/redeliver', { token, update_id: updateId });
  }

  async addFault(fault: Fault): Promise<void> {
    await this.post('/_sim/faults', { ...fault, method: 'sendMessage' });
  }

  /** The next page of what the bot called, in the order in which Telegram took it. */
  async callsAfter(token: string, after: number): Promise<RecordedCall[]> {
    const { calls } = await this.get<{ calls: RecordedCall[] }>(`/_sim/calls?token=${encodeURIComponent(token)}&after=${after}`);
    return page(calls);
  }

  /** The next page of tries to deliver updates, in the order in which they ended. */
  async deliveriesAfter(token: string, after: number): Promise<RecordedDelivery[]> {
    const { deliveries } = await this.get<{ deliveries: RecordedDelivery[] }>(`/_sim/deliveries?token=${encodeURIComponent(token)}&after=${after}`);
    return page(deliveries);
  }

  /** Updates of all these bots that their webhook has not taken. */
  async pending(tokens: ReadonlySet<string>): Promise<number> {
    const { bots } = await this.get<{ bots: { token: string; pending: number }[] }>('/_sim/stats');
    return bots.reduce((sum, bot) => sum + (tokens.has(bot.token) ? bot.pending : 0), 0);
  }

  /** Forgets what a bot's run left. */
  async reset(token: string): Promise<void> {
    await this.post('/_sim/reset', { token });
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async cause(path: string, body: object): Promise<number> {
    return seen((await this.post<{ update_id: number | null }>(path, body)).update_id);
  }

  private async post<T>(path: string, body: object): Promise<T> {
    const response = await request(this.url + path, { method: 'POST', dispatcher: this.agent, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return read(path, response.statusCode, await response.body.text()) as T;
  }

  private async get<T>(path: string): Promise<T> {
    const response = await request(this.url + path, { dispatcher: this.agent });
    return read(path, response.statusCode, await response.body.text()) as T;
  }
}

function seen(updateId: number | null): number {
  if (updateId === null) throw new Error('the simulator hid an update from its bot');
  return updateId;
}

function page<T>(entries: T[]): T[] {
  if (entries.length > RECORD_PAGE) throw new Error('the simulator sent more than a page');
  return entries;
}

/** The token in a path stays out of messages. */
function read(path: string, status: number, text: string): unknown {
  if (status !== 200) throw new Error(`simulator: ${path.replace(/\d+:[\w-]+/, '…')} answered ${status}: ${text.slice(0, 200)}`);
  return JSON.parse(text);
}
