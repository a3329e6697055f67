import type { Json } from '@botplane/domain';

/**
 * The pure step of a bot revision: `globalThis.botplane.run(inputJson: string): outputJson: string` inside the isolate.
 * Same input, same output: no clock, no randomness, no I/O. Everything here is JSON.
 */
export interface GuestInput {
  event: GuestEvent;
  /** What the record of this state key holds; `{}` when there is none yet. */
  state: GuestState;
  env: GuestEnv;
  /** Present when a request of an earlier output was performed: the step goes on where it stopped. */
  resume?: { continuation: Json; result: ApiCallResult };
}

export type GuestEvent =
  | { kind: 'update'; update: Json }
  /** An armed timer of this state key is due. A nonce that is armed no more does nothing. */
  | { kind: 'timer'; key: string; nonce: string };

export interface GuestEnv {
  /** When the update was accepted, in ms since the epoch: the same on each replay. */
  nowMs: number;
  /** The bot itself, as getMe tells. */
  bot: { id: number; username: string };
  /** Name of the BotRevision that runs. */
  revision: string;
  /** `botId:stateKey:seq`: unique to this update; the guest derives nonces and idempotency keys from it. */
  runId: string;
  /** False when an earlier update of the chat is not yet settled or a press was answered early: the guest then leaves out answerCallbackQuery. */
  answerPress: boolean;
  /**
   * How the conversation in `state` relates to the revision that runs:
   * `own`: it runs here, or there is none. `elsewhere`: it runs on another revision that still serves; what does not start something new is
   * answered with `redirect: 'conversation'`. `moved`: its revision serves no more; it moves here if flow and step ids fit, else onMissingStep.
   */
  conversation: 'own' | 'elsewhere' | 'moved';
  /**
   * False when another revision is the routed one. It has looked at the update first and wants nothing of it, so a command here is none.
   * What starts something new all the same (a button that leaves the flow) is answered with `redirect: 'routed'`; the executor then
   * runs the update here once more with `routed: true`.
   */
  routed: boolean;
}

/** State of one state key. The executor reads `conversation.revision` and the size, nothing else. */
export interface GuestState {
  conversation?: { revision: string; [key: string]: Json };
  suspended?: { revision: string; [key: string]: Json };
  [key: string]: Json | undefined;
}

export interface GuestOutput {
  /** Whole new state; unchanged input state when nothing happened. */
  state: GuestState;
  /** Bot API calls in order, at most 20 per update over all re-entries. */
  effects: GuestEffect[];
  /** All timers that are armed now for this state key: those missing are disarmed. */
  timers: ArmedTimer[];
  events: GuestTelemetry[];
  /** An outgoing HTTP call is wanted: perform it and enter again with `resume`. State, effects, timers and events are then still empty or unchanged. */
  request?: { call: ApiCallRequest; continuation: Json };
  /** Run this update on another revision instead; nothing else of the output counts. */
  redirect?: 'conversation' | 'routed';
  outcome: GuestOutcome;
  /**
   * True when the flow that took this message has `onNewMessage: supersede`: the executor throws this output away when a newer message
   * of the same state key waits that the bot does not ignore. Present with a request too.
   */
  supersedable?: true;
  /** Present when the bot keeps its messages (meta.retention). */
  messages?: GuestMessages;
}

/** What stands for personal data in kept messages: `***`, a keyed hash, nothing. */
export type PiiPolicy = 'mask' | 'hash' | 'drop';

/** How the messages of one update are kept. At most 100 texts of 8,192 characters in all. */
export interface GuestMessages {
  retentionMs: number;
  piiPolicy: PiiPolicy;
  /** The incoming message answers a step that saves to a key with pii: true: all of it is personal. */
  inputIsPersonal: boolean;
  /** Values of keys with pii: true before, during and after the run, as texts; null: too many to name, so that every text counts as personal. */
  personal: string[] | null;
}

/** What became of the update; `ignored` and `failed` carry a code for the counters. */
export type GuestOutcome = { kind: 'handled' } | { kind: 'ignored'; code: string } | { kind: 'failed'; code: string; path?: string };

export interface GuestEffect {
  /** Bot API method, e.g. sendMessage. */
  method: string;
  params: { [key: string]: Json };
  /** Chat whose order the call keeps: chat id or @name as text; null when the call concerns no chat (answerCallbackQuery keeps the chat of the press). */
  chat: string | null;
  lane: 'reply' | 'bulk' | 'paid';
  /** Name under which a sent message is remembered for edits; scoped to the conversation. */
  ref?: string;
}

export interface ArmedTimer {
  /** Name within the state key: `wait` or `suspended`. */
  key: string;
  /** Decides whether a firing still counts. */
  nonce: string;
  /** Due time in ms since the epoch. */
  atMs: number;
}

export interface GuestTelemetry {
  /** flow_started, step_completed, validation_failed, api_ok, api_error, state_dropped, … */
  name: string;
  flow?: string;
  step?: string;
  code?: string;
}

export interface ApiCallRequest {
  /** Path of the step, e.g. `flows.order.steps[3]`, and how often it was reached in this update: part of the idempotency key. */
  stepPath: string;
  visit: number;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Absolute https URL with its query; values are percent-encoded already. */
  url: string;
  /** May hold `{{secret.NAME}}`, which only the executor fills in. */
  headers: { [name: string]: string };
  /** Body as JSON text. */
  body?: string;
  /** Per attempt. */
  timeoutMs: number;
  /** Further attempts after network errors, 429 and 5xx: 0–3. */
  retries: number;
  /** First pause between attempts; doubles. */
  backoffMs: number;
}

export type ApiCallErrorCode = 'timeout' | 'network' | 'status' | 'not_json' | 'too_large' | 'denied';

export type ApiCallResult =
  | { ok: true; status: number; headers: { [name: string]: string }; body: Json }
  | { ok: false; code: ApiCallErrorCode; status?: number };
