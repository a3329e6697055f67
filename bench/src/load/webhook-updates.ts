/** Private chats have the ids of their people. */
const FIRST_CHAT = 5_000_000_000;
/** Chats of each bot. */
const CHATS = 500;

/** Path of a bot's webhook with what Telegram sends there; about 0.6 KB each. */
export class Updates {
  private readonly bots: readonly string[];
  private readonly messages: readonly string[];

  constructor(bots: readonly string[]) {
    this.bots = bots;
    this.messages = Array.from({ length: CHATS }, (_, at) => messageJson(FIRST_CHAT + at * 7_919));
  }

  /** The n-th update of all; its update_id is n, its bot takes turns. */
  make(n: number): { path: string; body: string } {
    const bot = this.bots[n % this.bots.length] ?? '';
    const message = this.messages[Math.floor(n / this.bots.length) % CHATS] ?? '';
    return { path: `/wh/${bot}`, body: `{"update_id":${n},"message":${message}}` };
  }

  /** Message id of the n-th update. */
  messageId(n: number): string {
    return `${this.bots[n % this.bots.length]}:${n}`;
  }
}

function messageJson(chat: number): string {
  const person = { id: chat, first_name: 'Zoë', last_name: `van der Berg ${chat % 1_000}`, username: `person_${chat}` };
  return JSON.stringify({
    message_id: 48_213,
    from: { ...person, is_bot: false, language_code: 'nl' },
    chat: { ...person, type: 'private' },
    date: 1_790_000_000,
    text: '/order 2 flat whites, one with oat milk, for table seven 🙂 please',
    entities: [{ offset: 0, length: 6, type: 'bot_command' }],
    reply_to_message: { message_id: 48_212, from: { id: 42, is_bot: true, first_name: 'Coffee', username: 'coffee_bot' }, chat: { ...person, type: 'private' }, date: 1_789_999_990, text: 'What can I get you?' },
  });
}
