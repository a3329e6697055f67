import type { Json, StateKeyKind } from '@botplane/domain';
import type { ArmedTimer, GuestState } from './guest.ts';

/** KV `routes`: who serves a bot. A projection of Bot.status that the operator can rebuild. */
export interface RouteRecord {
  v: 1;
  botId: string;
  /** metadata.uid of the Bot, so that a Bot made anew under the same name is told apart. */
  uid: string;
  /** Only ever grows for one uid; a lower number is never written. */
  routeSeq: number;
  /** Suspended: the webhook is removed, nothing is run. Deleted: ingress answers 410 so that Telegram drops the webhook. */
  state: 'Serving' | 'Suspended' | 'Deleted';
  /** Stable first; weights sum to 100. A second entry is the candidate. */
  split: { revision: string; weight: number }[];
  /** Every revision that may still run: the routed ones and superseded ones with running conversations. */
  revisions: { [name: string]: RoutedRevision };
  stateKey: StateKeyKind;
  /** SHA-256 (hex) of the secret that Telegram sends in X-Telegram-Bot-Api-Secret-Token. */
  webhookSecretSha256: string;
  telegram: { id: number; username: string };
  /** How updates come in; absent: Webhook. */
  updates?: 'Webhook' | 'Polling';
  /** With Polling: the kinds that getUpdates asks for. */
  allowedUpdates?: string[];
}

export interface RoutedRevision {
  revHash: string;
  /** Key in KV `runtimes`. */
  runtime: string;
}

/** KV `runtimes`: ready pods of one pool. */
export interface RuntimeRecord {
  v: 1;
  pods: { name: string; uid: string; /** host:port of gRPC */ address: string }[];
}

/** AES-256-GCM envelope; additional data is the KV key. Binary fields are base64. */
export interface Envelope {
  v: 1;
  /** First 8 hex digits of SHA-256 of the install key, so that a rotated key is recognised. */
  keyId: string;
  iv: string;
  data: string;
  tag: string;
}

/** Content of the envelope `<botId>.token`. */
export interface TokenSecret {
  token: string;
  /** Bot API root without trailing slash. */
  apiRoot: string;
}

/** KV `tokens`: which Bot holds a Telegram bot. */
export interface TokenClaim {
  v: 1;
  botId: string;
  uid: string;
}

/** KV `chat-state`: everything one state key has, committed by one compare-and-set put. */
export interface ChatRecord {
  v: 1;
  /** Stream sequence (UPDATES) of the last settled update. */
  seq: number;
  /** The last 64 update_ids, newest last. */
  updateIds: number[];
  state: GuestState;
  timers: ArmedTimer[];
  /** Outbox of `seq`: published again when the message comes back. */
  outbox: OutboxEntry[];
  /** routeSeq that was known when the record was written. */
  routeSeq: number;
  /** Tries of the head that is not settled yet: stream sequence and count. */
  attempt?: { seq: number; count: number };
  /** Once state is empty: when the record may go, ms since the epoch. */
  expiresMs?: number;
}

export type OutboxEntry =
  | { kind: 'call'; call: Omit<OutboundCall, 'v' | 'botId' | 'source'> }
  | { kind: 'event'; name: string; data: Json }
  | { kind: 'message'; message: KeptMessage }
  | { kind: 'dlq'; entry: DlqEntry };

/** Body of `out.<lane>.<p>.<botId>`. */
export interface OutboundCall {
  v: 1;
  botId: string;
  lane: 'reply' | 'bulk' | 'paid';
  /** Chat whose order the call keeps; null: none. */
  chat: string | null;
  /** Where the call comes from: grows per state key. */
  source: { key: string; seq: number; n: number };
  method: string;
  params: { [key: string]: Json };
  revision: string;
  /** When the update behind it was accepted. */
  acceptedMs: number;
  ref?: string;
  /** Present when the bot keeps its messages: what delivery cannot know of the row for this one. */
  keep?: MessageKeep;
}

/** How a call that sends a message is kept once it is sent. */
export interface MessageKeep {
  retentionMs: number;
  userId: number | null;
  updateId: number | null;
  /** Content without its personal parts; absent when there are none, so that the text of the call is the content. */
  content?: string | null;
}

/** Body of `messages.<botId>`: one message that a bot got or sent, without personal values. */
export interface KeptMessage {
  v: 1;
  botId: string;
  direction: 'in' | 'out';
  /** Chat id, or @name, as text. */
  chat: string;
  /** Topic of the chat. */
  threadId: number | null;
  /** Who wrote, or whom the bot answers. */
  userId: number | null;
  /** Unique within bot, chat and direction: `u<update_id>` of what came in, `m<message_id>` of what went out (`s<source>` when it has none). */
  id: string;
  messageId: number | null;
  /** The update that brought it, or that it answers. */
  updateId: number | null;
  /** text, photo, voice, …: what it is. */
  kind: string;
  /** Text or caption; null: it has none, or it was dropped as personal. */
  content: string | null;
  /** Something personal was taken out. */
  pii: boolean;
  /** When it was written (Telegram's date) or sent, ms since the epoch; the same in each copy. */
  sentMs: number;
  /** How long the bot keeps its messages, as of this one. */
  retentionMs: number;
}

/** KV `sent`, `<botId>.<chat>`: what a chat has received. */
export interface SentRecord {
  v: 1;
  /** Last effect per lane and source key: [seq, n]. */
  last: { [laneAndKey: string]: [seq: number, n: number] };
  /** Message ids by ref name and conversation. */
  refs: { [ref: string]: number };
  /** Telegram's retry_after: nothing goes to this chat before, whoever owns it then. Ms since the epoch. */
  frozenUntilMs?: number;
}

/** KV `sent`, `<botId>.bot`: what holds for all chats of a bot. */
export interface SentBotRecord {
  v: 1;
  /** As in SentRecord, once several chats were told at the same time. */
  frozenUntilMs: number;
}

/** KV `sent`, `<botId>.file=<Telegram bot id>=<kind>=<SHA-256>`: what Telegram calls a file that was uploaded. */
export interface SentFileRecord {
  v: 1;
  fileId: string;
}

/** Body of `dlq.*`. */
export interface DlqEntry {
  v: 1;
  botId: string;
  /** update_id, outbound source or job id, as text. */
  subjectId: string;
  reason: string;
  /** For people; no secrets. */
  message: string;
  attempts: number;
  failedMs: number;
  /** The update or the call, as it was. */
  payload: Json;
  /** What a replay needs to find its way: order key, state key, kind. */
  keys?: { orderKey: string; stateKey: string; kind: string };
  /** Of jobs: the subject that the payload is published to again. */
  target?: string;
}

/** KV `owners`: who works on a partition (design section 4.2). */
export interface OwnerRecord {
  v: 1;
  /** Null after a release. */
  member: string | null;
  /** Name of the owner's consumer; never used again by another claim. */
  consumer: string;
  /** Ack floor that the next owner starts behind at least. */
  floor: number;
}
