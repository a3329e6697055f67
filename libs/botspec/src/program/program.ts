import type { PiiPolicy } from '@botplane/contracts';
import type { Json, StateKeyKind } from '@botplane/domain';

/** What the compiler makes of a BotSpec and the engine runs: names resolved, defaults filled, templates split. Pure JSON. */
export interface Program {
  v: 1;
  meta: ProgramMeta;
  /** Texts by key, then locale. */
  texts: { [key: string]: { [locale: string]: TextForms } };
  /** The author's own errorText, reaskText, staleText. */
  ownTexts: { [name in 'errorText' | 'reaskText' | 'staleText']?: Template | TextKey };
  values: Json;
  state: { [key: string]: StateKeyProgram };
  commands: { [command: string]: { flow: string; inFlow: 'replace' | 'suspend' } };
  intents: IntentProgram[];
  fallback?: string;
  flows: { [name: string]: FlowProgram };
  /** Answers of goto buttons by hash. */
  answers: { [hash: string]: { text: Value; alert: boolean } };
  /** Buttons of reply keyboards with `goto`: their texts in every locale. */
  keyboardGotos: { texts: string[]; flow: string; to: Target }[];
  telemetry: string[];
}

export interface ProgramMeta {
  locales: string[];
  defaultLocale: string;
  timezone: string;
  stateKey: StateKeyKind;
  groups: 'addressed' | 'all' | 'none';
  idleTimeoutMs: number;
  /** Present when messages are kept. */
  messages?: { retentionMs: number; piiPolicy: PiiPolicy };
  onMissingStep?: string;
  /** Fields of meta.messageDefaults for the texts of `reask` and `message`. */
  textDefaults: { [field: string]: Json };
}

export type StateType = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array';

export interface StateKeyProgram {
  type: StateType;
  default?: Json;
  ttlMs?: number;
  pii?: true;
}

export interface IntentProgram {
  id: string;
  flow: string;
  priority: number;
  cooldownMs: number;
  /** Normalised keywords by locale. */
  keywords: { [locale: string]: string[] };
}

/** Literal text and paths to substitute. */
export type Template = (string | { p: string[] })[];
export interface TextKey {
  key: string;
}
export type TextForms = { one: Template } | { plural: { [form: string]: Template } };

export type Escape = 'none' | 'HTML' | 'MarkdownV2';

/** Something that becomes JSON when the step runs. */
export type Value =
  | { lit: Json }
  /** Plain template; the result is text. */
  | { tpl: Template }
  /** Text for people, in the chat's language. */
  | { text: Template | TextKey; esc: Escape }
  /** URL: substituted values are percent-encoded; a lone one is the whole URL. */
  | { url: Template }
  | { cel: string }
  | { obj: { [key: string]: Value } }
  | { arr: Value[] };

/** `end`, a step of the same flow, or the start of another flow. */
export type Target = 'end' | { list: string; index: number } | { flow: string };

export interface FlowProgram {
  /** Steps by list: '' is `steps`, others are labels. */
  lists: { [label: string]: StepProgram[] };
  timeout?: TimeoutProgram;
  /** A message that this flow takes gives way to a newer one. */
  supersede?: true;
}

export interface TimeoutProgram {
  afterMs: number;
  to: Target;
}

export interface MessageProgram {
  method: string;
  /** Parameters but chat_id. */
  params: { [key: string]: Value };
  count?: Value;
  chatId?: Value;
  /** Limit of the text or caption, in UTF-16 code units. */
  body?: { field: 'text' | 'caption'; max: number };
}

export interface OptionProgram {
  /** Stable across revisions: part of callback_data. */
  key: string;
  text: Value;
  /** The text in every locale when it is constant: what may be typed. */
  typed?: string[];
  value?: Value;
  to?: Target;
}

interface StepBase {
  id?: string;
}

export type StepProgram = StepBase & (
  | { k: 'reply'; msg: MessageProgram }
  | AskProgram
  | ChoiceProgram
  | ValidateProgram
  | { k: 'save'; set: { [key: string]: Value }; locale?: Value }
  | ApiCallProgram
  | { k: 'goto'; to: Target; when?: string; elseNext?: Target }
  | { k: 'branch'; arms: { when: string; to: Target }[]; otherwise?: Target }
  | { k: 'call'; flow: string }
  | { k: 'end'; all: boolean; clear: string[] }
);

interface WaitBase {
  msg: MessageProgram;
  save?: string;
  reask?: Value;
  timeout?: TimeoutProgram;
}

export type Expect = 'text' | 'integer' | 'number' | 'email' | 'phone' | 'date' | 'contact' | 'location' | 'photo' | 'document' | 'any';

export interface AskProgram extends WaitBase {
  k: 'ask';
  expect: Expect;
  /** Text of the button that shares a contact or location; ours without it. */
  button?: Value;
  /** The answer is kept as Telegram's object. */
  asObject?: true;
}

export interface ChoiceProgram extends WaitBase {
  k: 'choice';
  options: OptionProgram[] | { cel: string };
  columns: number;
  keyboard: 'inline' | 'reply';
  removeButtons: boolean;
  /** Hash of flow and step: callback_data of its options begins with it. */
  hash: string;
}

export interface ValidateProgram {
  k: 'validate';
  regex?: string;
  schema?: Json;
  when?: string;
  value: Value;
  attempts: number;
  message?: Value;
  count?: Value;
  retry: { list: string; index: number };
  otherwise?: Target;
}

export interface ApiCallProgram {
  k: 'api';
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  url: Value;
  query: { [name: string]: Value };
  headers: { [name: string]: Template };
  json?: Value;
  timeoutMs: number;
  retries: number;
  backoffMs: number;
  save?: string;
  map: { [key: string]: string };
  onError?: Target;
}
