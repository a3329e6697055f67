import type { BotCommand, User } from '@grammyjs/types';
import { BoundedLog } from '../domain/bounded-log.ts';
import type { BotIdentity, CallbackQueryRecord, ChatState, Invoice, SimMessage, UpdateRecord, Webhook } from '../domain/types.ts';
import {
  CALLBACK_QUERIES_PER_BOT_MAX, CHATS_PER_BOT_MAX, INVOICES_PER_BOT_MAX, LOG_ENTRIES_PER_BOT_MAX, MESSAGES_PER_BOT_MAX, MESSAGES_PER_CHAT_MAX,
  POLL_LIVE_MS, SETTLED_PER_BOT_MAX, USERS_PER_BOT_MAX,
} from '../limits.ts';
import { OpenQueries } from './open-queries.ts';
import type { CallRecord, DeliveryRecord, EventRecord } from './records.ts';
import type { Counters, Journal, JournalEntry } from './ports.ts';
import { Signals } from './signal.ts';
import type { ShelfName, Shelves } from './shelves.ts';
import { ShelfStore } from './shelves.ts';
import { StoredFiles } from './stored-files.ts';

/** Everything the simulator knows about one bot. All lasting changes go through `commit`. */
export class BotAccount {
  readonly users = new Map<number, User>();
  readonly chats = new Map<number, ChatState>();
  readonly commands = new Map<string, BotCommand[]>();
  readonly queries = new Map<string, CallbackQueryRecord>();
  /** Payments, inline queries and the like that wait for the bot's answer. */
  readonly openQueries = new OpenQueries();
  readonly invoices = new Map<string, Invoice>();
  /** Updates that wait for a webhook or getUpdates, or are under way, in order. */
  readonly pending = new Map<number, UpdateRecord>();
  /** Updates that were delivered or expired. */
  readonly settled = new Map<number, UpdateRecord>();
  readonly events = new BoundedLog<EventRecord>(LOG_ENTRIES_PER_BOT_MAX);
  readonly calls = new BoundedLog<CallRecord>(LOG_ENTRIES_PER_BOT_MAX);
  readonly deliveries = new BoundedLog<DeliveryRecord>(LOG_ENTRIES_PER_BOT_MAX);
  /** Wakes long polls: by chat for its events, 'events' for those of all chats, 'calls' for calls, 'updates' for getUpdates, by query id for answers. */
  readonly signals = new Signals<number | string>();
  readonly files: StoredFiles;
  webhook: Webhook | null = null;
  allowedUpdates: string[] | null = null;
  /** Last time that getUpdates was under way. */
  polledAtMs = Number.NEGATIVE_INFINITY;
  /** Told about every update that wants to be delivered. */
  onUpdate: (record: UpdateRecord) => void = () => undefined;

  private readonly shelves = new ShelfStore();
  private runningPoll: AbortController | null = null;
  private readonly messages = new Map<number, Map<number, SimMessage>>();
  /** All messages in the order they came, to forget the oldest first. */
  private readonly order = new Set<string>();
  private newest: { chatId: number; messageId: number } | null = null;
  private nextUpdateId: number;
  private nextMessageId = 1;

  constructor(
    public bot: BotIdentity,
    private readonly journal: Journal,
    nowMs: number,
  ) {
    // Telegram begins anywhere. A number that grows with time keeps a simulator without a state folder from
    // giving out the update ids of its last run, which receivers would take for repetitions.
    this.files = new StoredFiles(this, journal.files);
    this.nextUpdateId = Math.floor(nowMs / 100) % 1_000_000_000 + 100_000_000;
  }

  get token(): string {
    return this.bot.token;
  }

  /** The bot as Telegram's User. */
  get self(): User {
    return { id: this.bot.id, is_bot: true, first_name: this.bot.firstName, username: this.bot.username };
  }

  /** Turns privacy mode on or off, as @BotFather does. */
  setPrivacy(privacy: boolean): void {
    if (this.bot.privacy !== privacy) this.commit({ t: 'bot', bot: { ...this.bot, privacy } });
  }

  /** Whether somebody takes its updates: a webhook, or getUpdates. */
  isLive(nowMs: number): boolean {
    return this.webhook !== null || nowMs - this.polledAtMs < POLL_LIVE_MS;
  }

  /** A long poll begins; the signal is raised when it has to end. */
  beginPoll(): AbortController {
    this.runningPoll = new AbortController();
    return this.runningPoll;
  }

  /** Ends the long poll under way, if there is one. */
  endPoll(reason: string): void {
    this.runningPoll?.abort(reason);
    this.runningPoll = null;
  }

  takeUpdateId(): number {
    return this.nextUpdateId++;
  }

  takeMessageId(): number {
    return this.nextMessageId++;
  }

  counters(): Counters {
    return {
      updateId: this.nextUpdateId, messageId: this.nextMessageId,
      eventSeq: this.events.lastSeq + 1, callSeq: this.calls.lastSeq + 1,
    };
  }

  message(chatId: number, messageId: number): SimMessage | undefined {
    return this.messages.get(chatId)?.get(messageId);
  }

  /** The chat's messages with an id above `after`, by id. */
  messagesAfter(chatId: number, after: number): SimMessage[] {
    const found: SimMessage[] = [];
    let ordered = true;
    for (const message of this.messages.get(chatId)?.values() ?? []) {
      if (message.message_id <= after) continue;
      // A test may choose its message ids, so their order is not always the order they came in.
      if (message.message_id < (found.at(-1)?.message_id ?? 0)) ordered = false;
      found.push(message);
    }
    return ordered ? found : found.sort((a, b) => a.message_id - b.message_id);
  }

  /** The newest message of a chat, or what was written or changed last in any; null when there is none (any more). */
  newestMessage(chatId?: number): SimMessage | null {
    if (chatId !== undefined) return this.message(chatId, this.lastMessageId(chatId)) ?? null;
    const { newest } = this;
    return newest && (this.message(newest.chatId, newest.messageId) ?? null);
  }

  lastMessageId(chatId: number): number {
    let last = 0;
    for (const id of this.messages.get(chatId)?.keys() ?? []) if (id > last) last = id;
    return last;
  }

  /** What is kept under a key of a shelf. */
  kept<K extends ShelfName>(shelf: K, key: string): Shelves[K] | undefined {
    return this.shelves.get(shelf).get(key);
  }

  /** All of a shelf, oldest first. */
  shelf<K extends ShelfName>(shelf: K): ReadonlyMap<string, Shelves[K]> {
    return this.shelves.get(shelf);
  }

  /** Keeps a value under a key over restarts; null forgets it. */
  keep<K extends ShelfName>(shelf: K, key: string, value: Shelves[K] | null): void {
    this.commit({ t: 'keep', shelf, key, value });
  }

  /** Applies a change and keeps it over restarts. */
  commit(entry: JournalEntry): void {
    this.apply(entry);
    this.journal.record(this.bot.id, entry);
  }

  /** Applies a change; also how a bot is rebuilt from its journal. */
  apply(entry: JournalEntry): void {
    switch (entry.t) {
      case 'bot': this.bot = entry.bot; break;
      case 'user': bound(this.users, USERS_PER_BOT_MAX).set(entry.user.id, entry.user); break;
      case 'chat': this.putChat(entry.state); break;
      case 'message': this.putMessage(entry.message); break;
      case 'delete': this.dropMessage(entry.chatId, entry.messageId); break;
      case 'webhook': this.webhook = entry.webhook; break;
      case 'allowed': this.allowedUpdates = entry.kinds; break;
      case 'commands': this.commands.set(`${entry.set.scope}|${entry.set.language}`, entry.set.commands); break;
      case 'update': this.putUpdate(entry.record); break;
      case 'settled': this.settle(entry.updateId, entry.atMs); break;
      case 'invoice': bound(this.invoices, INVOICES_PER_BOT_MAX).set(entry.invoice.key, entry.invoice); break;
      case 'query': bound(this.queries, CALLBACK_QUERIES_PER_BOT_MAX).set(entry.query.id, { ...entry.query }); break;
      case 'answered': {
        const query = this.queries.get(entry.queryId);
        if (query) query.answer = entry.answer;
        break;
      }
      case 'keep': this.shelves.apply(entry); break;
      case 'counters': this.skipTo(entry.counters); break;
      case 'reset': this.clear(); break;
    }
  }

  /** The entries that make this bot anew. */
  *snapshot(): Generator<JournalEntry> {
    yield { t: 'bot', bot: this.bot };
    for (const user of this.users.values()) yield { t: 'user', user };
    for (const state of this.chats.values()) yield { t: 'chat', state };
    for (const key of this.order) {
      const [chatId, messageId] = key.split(':').map(Number) as [number, number];
      const message = this.message(chatId, messageId);
      if (message) yield { t: 'message', message };
    }
    yield { t: 'webhook', webhook: this.webhook };
    yield { t: 'allowed', kinds: this.allowedUpdates };
    for (const [key, commands] of this.commands) {
      const [scope = '', language = ''] = key.split('|');
      yield { t: 'commands', set: { scope, language, commands } };
    }
    for (const record of this.settled.values()) yield* [{ t: 'update', record }, { t: 'settled', updateId: record.update.update_id, atMs: record.settledAtMs ?? record.createdAtMs }] as const;
    for (const record of this.pending.values()) yield { t: 'update', record };
    for (const query of this.queries.values()) yield { t: 'query', query };
    for (const invoice of this.invoices.values()) yield { t: 'invoice', invoice };
    for (const entry of this.shelves.entries()) yield { t: 'keep', ...entry };
    yield { t: 'counters', counters: this.counters() };
  }

  private putChat(state: ChatState): void {
    if (!this.chats.has(state.chat.id) && this.chats.size >= CHATS_PER_BOT_MAX) {
      const oldest = this.chats.keys().next().value as number;
      this.chats.delete(oldest);
      for (const id of this.messages.get(oldest)?.keys() ?? []) this.order.delete(`${oldest}:${id}`);
      this.messages.delete(oldest);
    }
    this.chats.set(state.chat.id, state);
  }

  private putMessage(message: SimMessage): void {
    const chatId = message.chat.id;
    let chat = this.messages.get(chatId);
    if (!chat) this.messages.set(chatId, (chat = new Map()));
    chat.set(message.message_id, message);
    this.order.add(`${chatId}:${message.message_id}`);
    this.newest = { chatId, messageId: message.message_id };
    if (message.message_id >= this.nextMessageId) this.nextMessageId = message.message_id + 1;
    if (chat.size > MESSAGES_PER_CHAT_MAX) this.dropMessage(chatId, chat.keys().next().value as number);
    if (this.order.size > MESSAGES_PER_BOT_MAX) {
      const [oldChat, oldId] = (this.order.values().next().value as string).split(':').map(Number) as [number, number];
      this.dropMessage(oldChat, oldId);
    }
  }

  private dropMessage(chatId: number, messageId: number): void {
    this.messages.get(chatId)?.delete(messageId);
    this.order.delete(`${chatId}:${messageId}`);
  }

  private putUpdate(record: UpdateRecord): void {
    this.pending.set(record.update.update_id, record);
    if (record.update.update_id >= this.nextUpdateId) this.nextUpdateId = record.update.update_id + 1;
  }

  private settle(updateId: number, atMs: number): void {
    const record = this.pending.get(updateId);
    if (!record) return;
    this.pending.delete(updateId);
    bound(this.settled, SETTLED_PER_BOT_MAX).set(updateId, { ...record, settledAtMs: atMs });
  }

  private skipTo(counters: Counters): void {
    this.nextUpdateId = Math.max(this.nextUpdateId, counters.updateId);
    this.nextMessageId = Math.max(this.nextMessageId, counters.messageId);
    this.events.skipTo(counters.eventSeq);
    this.calls.skipTo(counters.callSeq);
  }

  /** As a new bot; numbers go on, so that nobody takes something new for something seen. */
  private clear(): void {
    this.files.clear();
    for (const part of [this.users, this.chats, this.commands, this.queries, this.openQueries, this.invoices, this.shelves, this.pending, this.settled, this.messages, this.order]) {
      part.clear();
    }
    for (const log of [this.events, this.calls, this.deliveries]) log.clear();
    this.webhook = null;
    this.allowedUpdates = null;
    this.newest = null;
  }
}

/** Makes room for one more entry by forgetting the oldest. */
function bound<K, V>(map: Map<K, V>, sizeMax: number): Map<K, V> {
  if (map.size >= sizeMax) map.delete(map.keys().next().value as K);
  return map;
}
