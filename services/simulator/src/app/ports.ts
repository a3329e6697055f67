import type { User } from '@grammyjs/types';
import type { BotIdentity, CallbackAnswer, CallbackQueryRecord, ChatState, CommandSet, Invoice, SimMessage, UpdateRecord, Webhook } from '../domain/types.ts';
import type { ShelfEntry } from './shelves.ts';
import type { FileBytes } from './stored-files.ts';

/** The next numbers of one bot. */
export interface Counters {
  updateId: number;
  messageId: number;
  eventSeq: number;
  callSeq: number;
}

/** One change of a bot's state. A bot is what its entries, applied in order, make of it. */
export type JournalEntry =
  | { t: 'bot'; bot: BotIdentity }
  | { t: 'user'; user: User }
  | { t: 'chat'; state: ChatState }
  | { t: 'message'; message: SimMessage }
  | { t: 'delete'; chatId: number; messageId: number }
  | { t: 'webhook'; webhook: Webhook | null }
  | { t: 'allowed'; kinds: string[] | null }
  | { t: 'commands'; set: CommandSet }
  | { t: 'update'; record: UpdateRecord }
  | { t: 'settled'; updateId: number; atMs: number }
  | { t: 'invoice'; invoice: Invoice }
  | { t: 'query'; query: CallbackQueryRecord }
  | { t: 'answered'; queryId: string; answer: CallbackAnswer }
  | ({ t: 'keep' } & ShelfEntry)
  | { t: 'counters'; counters: Counters }
  | { t: 'reset' };

/** Where changes are kept over a restart. `record` never waits: writing happens behind it. */
export interface Journal {
  record(botId: number, entry: JournalEntry): void;
  /** Where the bytes of files lie. */
  readonly files: FileBytes;
}

export interface WebhookAnswer {
  status: number;
  /** The usual words for the status. */
  statusText: string;
  retryAfter: string | undefined;
  body: string;
}

/** Sends one update to a webhook; when no answer came it throws an error with Telegram's words for it. */
export interface WebhookClient {
  post(url: string, secretToken: string | null, body: string, signal: AbortSignal): Promise<WebhookAnswer>;
}

/** What the simulator counts. */
export interface Meter {
  called(method: string, status: number, seconds: number): void;
  delivered(status: string, seconds: number): void;
}

/** Milliseconds since 1970. */
export type Clock = () => number;
