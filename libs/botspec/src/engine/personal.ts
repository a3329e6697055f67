import type { GuestMessages } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import type { Program } from '../program/program.ts';
import { LIMITS } from '../schema/limits.ts';
import { plainNumber } from './json.ts';
import type { Session } from './session.ts';

/** What an executor needs to keep the messages of this run without its personal values; nothing when the bot keeps none. */
export function keptMessages(session: Session): { messages?: GuestMessages } {
  const { program, state } = session;
  if (!program.meta.messages) return {};
  // The stored value, whatever its type: one that no longer fits is personal all the same.
  const held = Object.entries(program.state).flatMap(([key, { pii }]) => (pii ? [session.before[key], state.values[key]] : []));
  const texts = new Set<string>();
  for (const value of [...held, ...session.savedPersonal]) collect(value, texts);
  const chars = [...texts].reduce((sum, text) => sum + text.length, 0);
  const personal = texts.size > LIMITS.personalTextsMax || chars > LIMITS.personalCharsMax ? null : [...texts];
  return { messages: { ...program.meta.messages, inputIsPersonal: session.inputIsPersonal, personal } };
}

/** The same when the run broke: nothing is known, so everything may be personal. */
export function messagesUnread(program: Program): { messages?: GuestMessages } {
  return program.meta.messages ? { messages: { ...program.meta.messages, inputIsPersonal: true, personal: null } } : {};
}

/** Texts and numbers anywhere in a value; true and false say nothing about a person that could be found in a text. */
function collect(value: Json | undefined, texts: Set<string>): void {
  if (typeof value === 'string') {
    if (value.trim() !== '') texts.add(value.trim());
  } else if (typeof value === 'number') texts.add(plainNumber(value));
  else if (Array.isArray(value)) for (const item of value) collect(item, texts);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) collect(item, texts);
}
