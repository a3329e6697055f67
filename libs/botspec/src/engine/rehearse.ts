import type { GuestEffect, GuestOutcome, GuestOutput, GuestState } from '@botplane/contracts';
import type { Program } from '../program/program.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { createEngine } from './run.ts';

/** A made-up bot and what somebody does with it: writes a text, or presses the first button of the last message (null). */
export interface Rehearsal {
  program: Program;
  acts: (string | null)[];
}

const START_MS = 1_700_000_000_000;
const PERSON = { id: 1, is_bot: false, first_name: 'Ann', language_code: 'en' };
const CHAT = { id: 1, type: 'private', first_name: 'Ann' };

/** Plays it in one chat; returns the outcomes. */
export function rehearse({ program, acts }: Rehearsal): GuestOutcome[] {
  const engine = createEngine(program);
  let state: GuestState = {};
  let last: GuestEffect | undefined;
  return acts.map((act, n) => {
    const event = { kind: 'update', update: { update_id: n, ...(act === null ? pressOf(last) : messageOf(act)) } };
    const env = { nowMs: START_MS + n * 1_000, bot: { id: 2, username: 'rehearsal_bot' }, revision: 'r', runId: `r:${n}`, answerPress: true, conversation: 'own', routed: true };
    const output = JSON.parse(engine.run(JSON.stringify({ event, state, env }))) as GuestOutput;
    state = output.state;
    last = output.effects.findLast(({ method }) => method === 'sendMessage') ?? last;
    return output.outcome;
  });
}

function messageOf(text: string): JsonObject {
  const entities = text.startsWith('/') ? [{ type: 'bot_command', offset: 0, length: text.length }] : [];
  return { message: { message_id: 1, date: START_MS / 1_000, text, chat: CHAT, from: PERSON, entities } };
}

function pressOf(sent: GuestEffect | undefined): JsonObject {
  const markup = sent?.params['reply_markup'];
  const rows = isObject(markup) ? (markup['inline_keyboard'] as { callback_data: string }[][]) : [];
  return { callback_query: { id: '1', from: PERSON, chat_instance: '1', data: rows[0]?.[0]?.callback_data ?? '', message: { message_id: 1, date: START_MS / 1_000, chat: CHAT, from: { id: 2, is_bot: true, first_name: 'Bot' } } } };
}
