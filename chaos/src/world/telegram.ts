import { Agent, request } from 'undici';
import { RECORD_PAGE } from '../limits.ts';

/** What the simulator recorded of one Bot API call. */
export interface RecordedCall {
  seq: number;
  time: number;
  method: string;
  chat_id: number | null;
  params: { text?: unknown };
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
    await this.post(`/bot${token}/setWebhook`, { url, secret_token: secret, max_connections: connections, allowed_updates: ['message', 'callback_query'] });
  }

  /** A person writes to the bot in private; returns the update's id. */
  async write(token: string, person: number, text: string): Promise<number> {
    const { update_id } = await this.post<{ update_id: number | null }>('/_sim/messages', { token, from: { id: person, is_bot: false, first_name: 'P' }, text });
    if (update_id === null) throw new Error('the simulator hid a private message from its bot');
    return update_id;
  }

  /** Telegram sends an update again that it delivered before. */
  async redeliver(token: string, updateId: number): Promise<void> {
    await this.post('/_sim/redeliver', { token, update_id: updateId });
  }

  async addFault(fault: Fault): Promise<void> {
    await this.post('/_sim/faults', { ...fault, method: 'sendMessage' });
  }

  /** The next page of what the bot sent, in the order in which Telegram took it. */
  async sentAfter(token: string, after: number): Promise<RecordedCall[]> {
    const { calls } = await this.get<{ calls: RecordedCall[] }>(`/_sim/calls?token=${encodeURIComponent(token)}&method=sendMessage&after=${after}`);
    if (calls.length > RECORD_PAGE) throw new Error('the simulator sent more than a page');
    return calls;
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

  private async post<T>(path: string, body: object): Promise<T> {
    const response = await request(this.url + path, { method: 'POST', dispatcher: this.agent, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return read(path, response.statusCode, await response.body.text()) as T;
  }

  private async get<T>(path: string): Promise<T> {
    const response = await request(this.url + path, { dispatcher: this.agent });
    return read(path, response.statusCode, await response.body.text()) as T;
  }
}

/** The token in a path stays out of messages. */
function read(path: string, status: number, text: string): unknown {
  if (status !== 200) throw new Error(`simulator: ${path.replace(/\d+:[\w-]+/, '…')} answered ${status}: ${text.slice(0, 200)}`);
  return JSON.parse(text);
}
