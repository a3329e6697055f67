// Generated from src/schema by scripts/generate.ts; do not edit.

import type { Json } from '@botplane/domain';

/** What the bot is. */
export interface Meta {
  /** Name of the bot, for people. */
  name: string;
  /** Languages the bot speaks. */
  locales: (string)[];
  /** One of locales. */
  defaultLocale: string;
  /** IANA time zone; default UTC. */
  timezone?: string;
  /** What state and conversation are kept by; default chat_user. Cannot change between revisions. */
  stateKey?: 'chat_user' | 'chat' | 'user' | 'thread';
  /** What a command does to a running conversation: drops it (replace, default) or sets it aside. */
  commandsInFlow?: 'replace' | 'suspend';
  /** In groups, intents and fallback: when addressed (default), always, or never. */
  groups?: 'addressed' | 'all' | 'none';
  /** Ends a conversation that waits without a timeout; default 24h. 1s to 30d, one unit (s m h d). */
  idleTimeout?: string;
  /** Fields for every message, e.g. {parse_mode: HTML}. */
  messageDefaults?: Json;
  /** Flow for a conversation whose step is gone; default: fallback. */
  onMissingStep?: string;
  /** Keeps the messages of the bot for so long; without it none are kept. 1s to 30d, one unit (s m h d). */
  retention?: string;
  /** What stands for values of state keys with pii: true in kept messages: *** (mask, default), a keyed hash, or nothing (drop). */
  piiPolicy?: 'mask' | 'hash' | 'drop';
}

/** A plural text, chosen by `count` of the step. */
export interface PluralText {
  /** Zero. */
  zero?: string;
  /** One. */
  one?: string;
  /** Two. */
  two?: string;
  /** Few. */
  few?: string;
  /** Many. */
  many?: string;
  /** All others. */
  other: string;
}

/** One declared key. */
export interface StateKey {
  /** Type of the value. */
  type: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array';
  /** Value while none is saved; of the type. */
  default?: Json;
  /** Personal data: masked wherever people look. */
  pii?: boolean;
  /** Forgotten this long after the last write. 1s to 30d, one unit (s m h d). */
  ttl?: string;
}

/** One command. */
export interface Command {
  /** Without the slash. */
  command: string;
  /** Shown in the menu of commands; needed unless hidden. */
  description?: string;
  /** The flow it starts. */
  flow: string;
  /** Overrides meta.commandsInFlow. */
  inFlow?: 'replace' | 'suspend';
  /** Not shown in the menu. */
  hidden?: boolean;
}

/** Keywords that start a flow. */
export interface Intent {
  /** Name of the intent. */
  id: string;
  /** Words or phrases by locale. */
  keywords: { [key: string]: (string)[] };
  /** Higher first; default 0. */
  priority?: number;
  /** A match this soon after the last one is swallowed; default 0. */
  cooldownSec?: number;
  /** The flow it starts. */
  flow: string;
}

/** What runs when nothing else fits. */
export interface Fallback {
  /** The flow. */
  flow: string;
}

/** Sends a message. Exactly one of text, photo, document, video, audio, voice, sticker, animation, location; other fields are those of that Bot API method. */
export interface Reply {
  /** Text of the message. Literal text or $t.key; {{…}} substitutes. */
  text?: string;
  /** https://… or a file_id. */
  photo?: string;
  /** https://… or a file_id. */
  document?: string;
  /** https://… or a file_id. */
  video?: string;
  /** https://… or a file_id. */
  audio?: string;
  /** https://… or a file_id. */
  voice?: string;
  /** A file_id. */
  sticker?: string;
  /** https://… or a file_id. */
  animation?: string;
  /** {latitude, longitude}: sends a point on the map. */
  location?: Json;
  /** Caption of the media. Literal text or $t.key; {{…}} substitutes. */
  caption?: string;
  /** How Telegram reads the markup of the text. */
  parse_mode?: 'HTML' | 'MarkdownV2' | 'Markdown';
  /** Telegram's keyboard; a button may have `goto` instead of Telegram's actions. */
  reply_markup?: Json;
  /** Chooses the plural form and is {{count}}: a number or "= CEL". */
  count?: Json;
  /** Sends elsewhere: number, @name or "= CEL". */
  chat_id?: Json;
  /** Fields of the Bot API method. */
  [field: string]: unknown;
}

/** How long this step waits; before the timeout of the flow. */
export interface Timeout {
  /** How long the step waits. 1s to 30d, one unit (s m h d). */
  after: string;
  /** Where the conversation goes then. `end`, a step id or label of this flow, or a flow. */
  goto: string;
}

/** Sends a message and waits for an answer. */
export interface Ask {
  /** Text of the message. Literal text or $t.key; {{…}} substitutes. */
  text?: string;
  /** https://… or a file_id. */
  photo?: string;
  /** https://… or a file_id. */
  document?: string;
  /** https://… or a file_id. */
  video?: string;
  /** https://… or a file_id. */
  audio?: string;
  /** https://… or a file_id. */
  voice?: string;
  /** A file_id. */
  sticker?: string;
  /** https://… or a file_id. */
  animation?: string;
  /** {latitude, longitude}: sends a point on the map. */
  location?: Json;
  /** Caption of the media. Literal text or $t.key; {{…}} substitutes. */
  caption?: string;
  /** How Telegram reads the markup of the text. */
  parse_mode?: 'HTML' | 'MarkdownV2' | 'Markdown';
  /** Telegram's keyboard; a button may have `goto` instead of Telegram's actions. */
  reply_markup?: Json;
  /** Chooses the plural form and is {{count}}: a number or "= CEL". */
  count?: Json;
  /** Sends elsewhere: number, @name or "= CEL". */
  chat_id?: Json;
  /** Sent when the input does not fit; a text of ours without it. Literal text or $t.key; {{…}} substitutes. */
  reask?: string;
  /** How long this step waits; before the timeout of the flow. */
  timeout?: Timeout;
  /** What is taken; default text. */
  expect?: 'text' | 'integer' | 'number' | 'email' | 'phone' | 'date' | 'contact' | 'location' | 'photo' | 'document' | 'any';
  /** Text of the button that shares a contact, phone or location in a private chat. Literal text or $t.key; {{…}} substitutes. */
  button?: string;
  /** State key that receives the answer. */
  save?: string;
  /** Fields of the Bot API method. */
  [field: string]: unknown;
}

/** One option. */
export interface ChoiceOption {
  /** What the person sees, and may type. Literal text or $t.key; {{…}} substitutes. */
  text: string;
  /** Saved to `save`: a literal or "= CEL". */
  value?: Json;
  /** Where a choice of this option goes. `end`, a step id or label of this flow, or a flow. */
  goto?: string;
}

/** Sends a message with options and waits for one of them. */
export interface Choice {
  /** Text of the message. Literal text or $t.key; {{…}} substitutes. */
  text?: string;
  /** https://… or a file_id. */
  photo?: string;
  /** https://… or a file_id. */
  document?: string;
  /** https://… or a file_id. */
  video?: string;
  /** https://… or a file_id. */
  audio?: string;
  /** https://… or a file_id. */
  voice?: string;
  /** A file_id. */
  sticker?: string;
  /** https://… or a file_id. */
  animation?: string;
  /** {latitude, longitude}: sends a point on the map. */
  location?: Json;
  /** Caption of the media. Literal text or $t.key; {{…}} substitutes. */
  caption?: string;
  /** How Telegram reads the markup of the text. */
  parse_mode?: 'HTML' | 'MarkdownV2' | 'Markdown';
  /** Telegram's keyboard; a button may have `goto` instead of Telegram's actions. */
  reply_markup?: Json;
  /** Chooses the plural form and is {{count}}: a number or "= CEL". */
  count?: Json;
  /** Sends elsewhere: number, @name or "= CEL". */
  chat_id?: Json;
  /** Sent when the input does not fit; a text of ours without it. Literal text or $t.key; {{…}} substitutes. */
  reask?: string;
  /** How long this step waits; before the timeout of the flow. */
  timeout?: Timeout;
  /** 1 to 100 options, or "= CEL" that gives such a list. */
  options: ChoiceOption[] | string;
  /** Buttons per row; default 1. */
  columns?: number;
  /** inline (default): buttons under the message; reply: a one-time keyboard. */
  keyboard?: 'inline' | 'reply';
  /** State key that receives the option's value. */
  save?: string;
  /** Takes the buttons off the message once one was pressed. */
  removeButtons?: boolean;
  /** Fields of the Bot API method. */
  [field: string]: unknown;
}

/** Checks a value; wrong input is asked for again. Exactly one of regex, schema and when. */
export interface Validate {
  /** RE2 expression, searched anywhere in the value. */
  regex?: string;
  /** JSON Schema (2020-12) of the value; references stay inside it. */
  schema?: Json;
  /** True when the value is good. CEL, without the prefix "= ". */
  when?: string;
  /** Template or "= CEL"; default: what step `retry` saved. */
  value?: Json;
  /** Wrong inputs in all before `otherwise`; default 3. */
  attempts?: number;
  /** Sent after wrong input, but not after the last one. Literal text or $t.key; {{…}} substitutes. */
  message?: string;
  /** Id of the ask or choice that waits again; default: the nearest one before. */
  retry?: string;
  /** Where it goes after the last attempt; default: errorText. `end`, a step id or label of this flow, or a flow. */
  otherwise?: string;
}

/** Calls an HTTPS API that security.allowDomains names. */
export interface ApiCall {
  /** Default GET. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** https URL; substituted values are percent-encoded. */
  url: string;
  /** Query parameters: literals, templates or "= CEL"; null leaves one out. */
  query?: { [key: string]: Json };
  /** Headers; {{secret.NAME}} stands for a secret of the revision. */
  headers?: { [key: string]: string };
  /** Body: literals, templates or "= CEL" anywhere inside. */
  json?: Json;
  /** Per attempt, and at random up to a tenth more, so that calls that hang together do not end together; default 5000. */
  timeoutMs?: number;
  /** Further attempts after network errors, 429 and 5xx; default 0. */
  retries?: number;
  /** First pause between attempts, doubling, and at random up to a tenth more; default 200. */
  backoffMs?: number;
  /** State key that receives the whole body. */
  save?: string;
  /** State keys and "= CEL" over `response` {status, headers, body}. */
  map?: { [key: string]: string };
  /** Where it goes when the call fails; context.error says why. `end`, a step id or label of this flow, or a flow. */
  onError?: string;
}

/** A guarded jump. */
export interface Goto {
  /** Where it goes. `end`, a step id or label of this flow, or a flow. */
  to: string;
  /** Goes only when true. CEL, without the prefix "= ". */
  when?: string;
  /** Where it goes when `when` is false; default: the next step. `end`, a step id or label of this flow, or a flow. */
  elseNext?: string;
}

/** One way out. */
export interface Branch {
  /** Taken when true. CEL, without the prefix "= ". */
  when?: string;
  /** Where it goes. `end`, a step id or label of this flow, or a flow. */
  goto?: string;
  /** Last entry only: where it goes when none was true. `end`, a step id or label of this flow, or a flow. */
  otherwise?: string;
}

/** Runs another flow, then the next step. */
export interface Call {
  /** The flow. */
  flow: string;
}

/** Ends the flow. */
export interface End {
  /** Ends the whole conversation and one that was set aside. */
  all?: boolean;
  /** State keys to forget first. */
  clear?: (string)[];
}

/** One step: exactly one kind, and an optional id. */
export interface Step {
  /** Unique in the flow, its labels included. */
  id?: string;
  /** Sends a message. Exactly one of text, photo, document, video, audio, voice, sticker, animation, location; other fields are those of that Bot API method. */
  reply?: Reply;
  /** Sends a message and waits for an answer. */
  ask?: Ask;
  /** Sends a message with options and waits for one of them. */
  choice?: Choice;
  /** Checks a value; wrong input is asked for again. Exactly one of regex, schema and when. */
  validate?: Validate;
  /** Sets state: literals, templates, "= CEL"; null forgets. `locale` is the language of the chat. */
  save?: { [key: string]: Json };
  /** Calls an HTTPS API that security.allowDomains names. */
  apiCall?: ApiCall;
  /** Goes elsewhere: a target, or {to, when, elseNext}. */
  goto?: string | Goto;
  /** The first entry that is true decides; none: the next step. */
  branch?: Branch[];
  /** Runs another flow, then the next step. */
  call?: Call;
  /** Ends the flow. */
  end?: End | null;
}

/** Steps that run one after the other. */
export interface Flow {
  /** The steps. */
  steps: Step[];
  /** Side ways, reached by goto only; the flow ends after their last step. */
  labels?: { [key: string]: Step[] };
  /** Default of every wait in the flow. */
  timeout?: Timeout;
  /** What a newer message of the same conversation does to one that is not settled: waits for it (queue, default), or takes its place (supersede). */
  onNewMessage?: 'queue' | 'supersede';
}

/** What the bot may reach. */
export interface Security {
  /** Hosts for apiCall: exact, *.x for subdomains, host:port. */
  allowDomains?: (string)[];
  /** Largest answer of an API; default 64. */
  maxApiResponseKB?: number;
}

/** Events to count. */
export interface Telemetry {
  /** Names. */
  events?: ('flow_started' | 'flow_ended' | 'step_completed' | 'validation_failed' | 'api_ok' | 'api_error' | 'intent_matched' | 'fallback' | 'timeout')[];
}

/** Who talks to the bot; default {id: 1, first_name: Ann}. */
export interface TestUser {
  /** Id at Telegram. */
  id: number;
  /** First name. */
  first_name?: string;
  /** Language of their Telegram. */
  language_code?: string;
  /** Fields of the Bot API method. */
  [field: string]: unknown;
}

/** Where; default the person's private chat. */
export interface TestChat {
  /** Id of the chat. */
  id: number;
  /** Kind of chat. */
  type: 'private' | 'group' | 'supergroup';
  /** Fields of the Bot API method. */
  [field: string]: unknown;
}

/** An answer for apiCall. Several for the same call are given in turn, the last one again and again. */
export interface TestApiAnswer {
  /** Default GET. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** The whole URL, its query included. */
  url: string;
  /** The JSON body that the call must have; without it any. */
  body?: Json;
  /** Default 200. */
  status?: number;
  /** Body of the answer; default null. */
  json?: Json;
  /** Headers of the answer. */
  headers?: { [key: string]: string };
  /** Fails without an answer. */
  error?: 'timeout' | 'network' | 'not_json' | 'too_large' | 'denied';
}

/** The next message of the bot. Other fields are those of the Bot API call and must be equal. */
export interface TestExpect {
  /** The whole text or caption; what a template substitutes may be anything. Literal text or $t.key. */
  text?: string;
  /** Part of the text or caption. Literal text or $t.key. */
  contains?: string;
  /** RE2 expression found in the text or caption. */
  matches?: string;
  /** Chooses the form of a plural text, and is its {{count}}. */
  count?: number;
  /** All buttons in order, of either kind of keyboard; [] for none. */
  buttons?: (string)[];
  /** Fields of the Bot API method. */
  [field: string]: unknown;
}

/** One step: exactly one of say, send, tap, wait, expect, answer, silence. */
export interface TestStep {
  /** The person writes a text. Literal text or $t.key. */
  say?: string;
  /** The person sends something else: fields of Telegram's Message. */
  send?: {   /** Fields of the Bot API method. */   [field: string]: unknown; };
  /** The person presses the newest button with this label. Literal text or $t.key. */
  tap?: string;
  /** Time passes; timers that fall due fire. 1s to 30d, one unit (s m h d). */
  wait?: string;
  /** The next message of the bot. Other fields are those of the Bot API call and must be equal. */
  expect?: TestExpect;
  /** The toast or alert that the last press was answered with; empty text for none. Literal text or $t.key. */
  answer?: string;
  /** True: no further message came. */
  silence?: boolean;
  /** Who acts, when it is not `user` of the test. */
  from?: TestUser;
}

/** A conversation that proves the bot. */
export interface TestCase {
  /** What it shows. */
  name: string;
  /** Who talks to the bot; default {id: 1, first_name: Ann}. */
  user?: TestUser;
  /** Where; default the person's private chat. */
  chat?: TestChat;
  /** When it begins, in ISO 8601; default 2026-01-01T12:00:00Z. */
  now?: string;
  /** Answers for apiCall; a call without one fails the test. */
  api?: TestApiAnswer[];
  /** What happens. */
  steps: TestStep[];
}

/** BotSpec v1: what the bot says and does. */
export interface BotSpec {
  /** Version of the language: 1. */
  schemaVersion?: number;
  /** What the bot is. */
  meta: Meta;
  /** Texts by locale and key. */
  localization?: { [key: string]: { [key: string]: string | PluralText } };
  /** Constants, read as context.values.x. */
  values?: Json;
  /** Keys that steps may save. */
  state?: { [key: string]: StateKey };
  /** Commands. */
  commands?: Command[];
  /** Keywords outside a conversation. */
  intents?: Intent[];
  /** What runs when nothing else fits. */
  fallback?: Fallback;
  /** Flows by name. */
  flows: { [key: string]: Flow };
  /** What the bot may reach. */
  security?: Security;
  /** Events to count. */
  telemetry?: Telemetry;
  /** Sent when a step fails. Literal text or $t.key; without it a text of ours in the chat's language. */
  errorText?: string;
  /** Sent when an input does not fit and the step has no reask. Literal text or $t.key; without it a text of ours in the chat's language. */
  reaskText?: string;
  /** Answer to a press whose step waits no more. Literal text or $t.key; without it a text of ours in the chat's language. */
  staleText?: string;
  /** Conversations that prove the bot; `botplane test` runs them. */
  tests?: TestCase[];
}

