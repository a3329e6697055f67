import type { DeliveryFailpoint, DlqEntry, KeptMessage, OutboundCall, SentRecord, StoredFile } from '@botplane/contracts';
import type { BotApiAnswer } from '../domain/outcome.ts';

/** A file that goes up with a request. */
export interface Upload {
  /** The part's name: `attach://<name>` in the parameters. */
  readonly name: string;
  readonly file: StoredFile;
  /** Its content; an AppError `artefact.*` or `store.unavailable` while it is read. */
  open(): AsyncIterable<Uint8Array>;
}

export interface BotApiRequest {
  readonly method: string;
  readonly params: OutboundCall['params'];
  readonly uploads: readonly Upload[];
  /** Replies have connections of their own. */
  readonly lane: OutboundCall['lane'];
}

/** Files by key, of exactly so many bytes. */
export interface FileStore {
  stream(key: string, bytes: number): AsyncIterable<Uint8Array>;
}

/** What Telegram called files that were uploaded. Methods throw when the store does not answer. */
export interface KeptFileIds {
  load(botId: string, key: string): Promise<string | undefined>;
  save(botId: string, key: string, fileId: string): Promise<void>;
  remove(botId: string, key: string): Promise<void>;
}

/** A Bot API server, called with a bot's token. Never throws. */
export interface BotApi {
  /** A call without permit ends as `unreachable`: Telegram did nothing. */
  call(target: { token: string; apiRoot: string }, request: BotApiRequest, permit: CallPermit): Promise<BotApiAnswer>;
}

/** Whether a call may be brought to Telegram still. */
export interface CallPermit {
  /** Asked when a connection is there. */
  readonly mayStart: () => boolean;
  /** Asked right before each of its bytes leaves this process, also in the middle of an upload. */
  readonly mayGoOn: () => boolean;
}

export interface Tokens {
  /** Undefined: there is none as far as we know. Throws AppError `envelope.unreadable`. */
  find(botId: string): { token: string; apiRoot: string } | undefined;
  /** True when a token that is not found does not exist. */
  isSynced(): boolean;
}

export interface StoredSent {
  record: SentRecord;
  /** For the next write; 0: not there yet. */
  revision: number;
}

/** KV `sent`, one record per bot and chat. Methods throw when the store does not answer. */
export interface SentRecords {
  load(botId: string, chat: string): Promise<StoredSent>;
  /** Compare-and-set; `conflict`: somebody else wrote. */
  save(botId: string, chat: string, record: SentRecord, revision: number): Promise<number | 'conflict'>;
  /** Until when the whole bot is to be left alone, ms since the epoch; 0: not at all. */
  loadBotFreeze(botId: string): Promise<number>;
  saveBotFreeze(botId: string, untilMs: number): Promise<void>;
}

/** Lanes whose calls are fetched at the rate at which they may go, instead of being handed over as they come. */
export type BulkLaneName = 'bulk' | 'paid';

/** A waiting call of a bulk lane; without `call` when it is none. */
export interface BacklogEntry {
  readonly seq: number;
  readonly call: OutboundCall | undefined;
  /** Trace that it belongs to, as W3C names it. */
  readonly traceparent?: string | undefined;
}

/** Calls of the bulk lanes as they wait in the stream. Methods throw when it does not answer. */
export interface Backlog {
  /** The next calls of a bot from `fromSeq` on, in stream order and without a gap. Fewer than `max`: there are no more. */
  read(lane: BulkLaneName, botId: string, fromSeq: number, max: number): Promise<BacklogEntry[]>;
  /** Removes everything of a bot's lane below a sequence. */
  removeBelow(lane: BulkLaneName, botId: string, seq: number): Promise<void>;
  remove(seqs: readonly number[]): Promise<void>;
}

/** KV `campaigns`: what became of the calls of a campaign. Throws when the store does not answer. */
export interface CampaignCounts {
  add(botId: string, campaign: string, counts: ReadonlyMap<string, number>): Promise<void>;
}

/** Where calls go that cannot be delivered. Throws when the store does not answer. */
export interface DeadLetters {
  put(entry: DlqEntry, messageId: string): Promise<void>;
}

/** Counts calls that were given up by the fault of a revision. Never throws; a count may be lost. */
export interface RevisionLetters {
  add(botId: string, revision: string): void;
}

/** Where sent messages go of bots that keep them. Throws when the store does not answer; a full one loses the message and counts it. */
export interface KeptMessages {
  put(message: KeptMessage): Promise<void>;
}

export interface DeliveryMetrics {
  settled(lane: string, outcome: string, endToEndMs: number): void;
  called(tookMs: number): void;
  retried(reason: string): void;
  froze(scope: 'chat' | 'bot'): void;
  ambiguous(): void;
  deadLettered(reason: string): void;
}

export interface DeliveryLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Where a chaos run may end this process; otherwise nothing happens. */
export interface Crashes {
  hit(point: DeliveryFailpoint): void;
}

/** A call as it lies in the stream. */
export interface OutboundMessage {
  readonly call: OutboundCall;
  /** Trace that it belongs to, as W3C names it. */
  readonly traceparent?: string | undefined;
  /** It is done; `outcome` says how. */
  ack(outcome: string): void;
}
