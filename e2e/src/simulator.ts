/** A message as the simulator lists it: Telegram's Message with `from.is_bot` always set. */
export interface SimMessage {
  message_id: number;
  from: { id: number; is_bot: boolean };
  text?: string;
  reply_markup?: { inline_keyboard?: { text: string }[][] };
}

export interface SimUser {
  id: number;
  first_name: string;
  language_code?: string;
}

export interface SimCall {
  seq: number;
  method: string;
  params: Record<string, unknown>;
  status: number;
}

/** Longest time a bot may take to answer in a journey, ms; far above what is usual, so that a busy machine fails nothing. */
const ANSWER_MS_MAX = 20_000;
/** The simulator's own bound for one long poll, s. */
const POLL_S_MAX = 5;

/** A person nobody was before: what a bot remembers of people outlives the bot, and some environments stay up between runs. */
export function newUserId(): number {
  return 1_000_000_000 + (Date.now() % 1_000_000_000);
}

/** The control interface of the simulator (design section 10), from the side of people who message bots. */
export class Simulator {
  constructor(readonly url: string) {}

  async post<T>(path: string, body: unknown): Promise<T> {
    const response = await fetch(`${this.url}/_sim/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`POST /_sim/${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}/_sim/${path}`);
    if (!response.ok) throw new Error(`GET /_sim/${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** A bot of its own for one test; the name gets a suffix, so that a test can run again on an environment that stays up. */
  async makeBot(name: string): Promise<{ token: string; id: number; username: string }> {
    return this.post('bots', { username: `${name}_${Date.now().toString(36)}_bot` });
  }

  /** What getWebhookInfo tells of a bot. */
  async webhook(token: string): Promise<{ url: string; pending_update_count: number }> {
    const response = await fetch(`${this.url}/bot${token}/getWebhookInfo`);
    return ((await response.json()) as { result: { url: string; pending_update_count: number } }).result;
  }

  async calls(token: string, query = ''): Promise<SimCall[]> {
    return (await this.get<{ calls: SimCall[] }>(`calls?token=${encodeURIComponent(token)}${query}`)).calls;
  }

  person(token: string, user: SimUser): Person {
    return new Person(this, token, user);
  }
}

/** One person in a private chat with one bot. Reads the bot's messages in order, each once. */
export class Person {
  private lastSeen = 0;

  constructor(
    private readonly simulator: Simulator,
    private readonly token: string,
    readonly user: SimUser,
  ) {}

  async say(text: string): Promise<void> {
    const from = { is_bot: false, ...this.user };
    await this.simulator.post('messages', { token: this.token, from, text });
  }

  /** Presses the button with this label on the newest message of the bot that has it. */
  async tap(label: string): Promise<{ answer?: { text?: string } | null }> {
    const { messages } = await this.messages(0, 0);
    const message = messages.findLast((candidate) => candidate.reply_markup?.inline_keyboard?.flat().some((button) => button.text === label));
    if (!message) throw new Error(`no message with a button "${label}"; texts: ${messages.map((m) => m.text).join(' | ')}`);
    const from = { is_bot: false, ...this.user };
    return this.simulator.post('callbacks', { token: this.token, from, chat_id: this.user.id, message_id: message.message_id, text: label, wait: 5 });
  }

  /** The bot's next message; fails after ANSWER_MS_MAX. */
  async hears(): Promise<SimMessage> {
    const deadline = Date.now() + ANSWER_MS_MAX;
    while (Date.now() < deadline) {
      const { messages } = await this.messages(this.lastSeen, POLL_S_MAX);
      for (const message of messages) {
        this.lastSeen = message.message_id;
        if (message.from.is_bot) return message;
      }
    }
    throw new Error(`${this.user.first_name} (${this.user.id}) heard nothing for ${ANSWER_MS_MAX} ms`);
  }

  async hearsText(): Promise<string> {
    return (await this.hears()).text ?? '';
  }

  /** Everything that was said so far, oldest first. */
  async transcript(): Promise<SimMessage[]> {
    return (await this.messages(0, 0)).messages;
  }

  private messages(after: number, waitSeconds: number): Promise<{ messages: SimMessage[] }> {
    return this.simulator.get(`chats/${encodeURIComponent(this.token)}/${this.user.id}/messages?after=${after}&wait=${waitSeconds}`);
  }
}
