import type { ArmedTimer, GuestState } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import type { Program, StateType } from '../program/program.ts';
import { isObject, own } from './json.ts';
import type { JsonObject } from './json.ts';

/** Where a conversation stands in one flow. `id` and `kind` tell whether another revision has the same step. */
export interface Frame {
  flow: string;
  list: string;
  index: number;
  id?: string;
  kind?: string;
  /** Wrong inputs so far, by place of the validate step. */
  attempts?: { [place: string]: number };
}

/** Whom a conversation is with, for timers: an update brings its own. */
export interface Peer {
  chat: JsonObject;
  user?: JsonObject;
  threadId?: number;
}

export interface Conversation {
  revision: string;
  /** runId of the update that began it. */
  id: string;
  frames: Frame[];
  wait: { nonce: string; atMs: number };
  peer: Peer;
}

/** GuestState, read. The layout crosses revisions: unknown members are kept, what does not fit counts as absent. */
export interface StoredState {
  values: JsonObject;
  /** When keys with a ttl were last written. */
  written: { [key: string]: number };
  cooldowns: { [intent: string]: number };
  locale?: string;
  /** media_group_id of the album whose first part answered an ask. */
  album?: string;
  conversation?: Conversation;
  suspended?: Conversation;
  /** Members of other engine versions. */
  rest: JsonObject;
  /** Something did not fit and was left out. */
  dropped: boolean;
}

const STATE_VERSION = 1;
const OURS = ['v', 'values', 'written', 'cooldowns', 'locale', 'album', 'conversation', 'suspended'];

export function readState(raw: unknown, program: Program, nowMs: number): StoredState {
  const source: JsonObject = isObject(raw) ? raw : {};
  const written = numbersOf(source['written']);
  const values: JsonObject = {};
  for (const [key, value] of Object.entries(isObject(source['values']) ? source['values'] : {})) {
    const ttlMs = own(program.state, key)?.ttlMs;
    if (ttlMs === undefined || nowMs - (own(written, key) ?? nowMs) < ttlMs) values[key] = value;
    else delete written[key];
  }
  const conversation = conversationOf(source['conversation']);
  const suspended = conversationOf(source['suspended']);
  return {
    values,
    written,
    cooldowns: numbersOf(source['cooldowns']),
    ...(typeof source['locale'] === 'string' ? { locale: source['locale'] } : {}),
    ...(typeof source['album'] === 'string' ? { album: source['album'] } : {}),
    ...(conversation ? { conversation } : {}),
    ...(suspended ? { suspended } : {}),
    rest: Object.fromEntries(Object.entries(source).filter(([key]) => !OURS.includes(key))),
    dropped: (source['conversation'] !== undefined && !conversation) || (source['suspended'] !== undefined && !suspended),
  };
}

export function writeState(state: StoredState): GuestState {
  const parts: { [key: string]: unknown } = {
    ...state.rest,
    values: nonEmpty(state.values),
    written: nonEmpty(state.written),
    cooldowns: nonEmpty(state.cooldowns),
    locale: state.locale,
    album: state.album,
    conversation: state.conversation,
    suspended: state.suspended,
  };
  const kept = Object.entries(parts).filter(([, part]) => part !== undefined);
  const written: GuestState = kept.length === 0 ? {} : { v: STATE_VERSION, ...Object.fromEntries(kept) };
  return written;
}

/** All timers of a state. */
export function timersOf(state: StoredState): ArmedTimer[] {
  const timers: ArmedTimer[] = [];
  if (state.conversation) timers.push({ key: 'wait', ...state.conversation.wait });
  if (state.suspended) timers.push({ key: 'suspended', ...state.suspended.wait });
  return timers;
}

/** Whether a value is of a declared type. */
export function typeFits(value: Json, type: StateType): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
  }
}

const nonEmpty = <T extends object>(record: T): T | undefined => (Object.keys(record).length > 0 ? record : undefined);

function numbersOf(raw: unknown): { [key: string]: number } {
  return Object.fromEntries(Object.entries(isObject(raw) ? raw : {}).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}

function conversationOf(raw: unknown): Conversation | undefined {
  if (!isObject(raw)) return undefined;
  const { revision, id, frames, wait, peer } = raw;
  const chat = isObject(peer) ? peer['chat'] : undefined;
  if (typeof revision !== 'string' || typeof id !== 'string' || !Array.isArray(frames) || frames.length === 0 || !frames.every(isFrame)) return undefined;
  if (!isObject(wait) || typeof wait['nonce'] !== 'string' || typeof wait['atMs'] !== 'number') return undefined;
  if (!isObject(chat) || typeof chat['id'] !== 'number') return undefined;
  // A deep copy: runs change frames in place.
  return JSON.parse(JSON.stringify(raw)) as Conversation;
}

function isFrame(raw: unknown): boolean {
  return isObject(raw) && typeof raw['flow'] === 'string' && typeof raw['list'] === 'string' && Number.isSafeInteger(raw['index']) && (raw['attempts'] === undefined || isObject(raw['attempts']));
}
