import type { Json } from '@botplane/domain';
import { LIMITS } from '../schema/limits.ts';
import type { AskProgram, ChoiceProgram, OptionProgram, Target } from '../program/program.ts';
import { foldOption } from '../program/normalise.ts';
import { stableHash } from '../program/hash.ts';
import { builtinText } from './builtin-texts.ts';
import type { BuiltinText } from './builtin-texts.ts';
import { StepFailure } from './failure.ts';
import { isObject, own, toJson } from './json.ts';
import { flowOf, setAttempts } from './places.ts';
import { renderString, renderValue } from './render.ts';
import { choiceMarkup, scopeOf, sendMessage } from './send.ts';
import type { RenderedOption } from './send.ts';
import type { Session } from './session.ts';
import type { Frame } from './stored-state.ts';

type WaitStep = AskProgram | ChoiceProgram;

/** A step begins to wait: its text goes out (not after a validate retry) and its clock starts. */
export function beginWait(session: Session, step: WaitStep & { id?: string }, frame: Frame, { sendText: withText }: { sendText: boolean }): void {
  if (withText) {
    sendMessage(step.msg, session, step.k === 'choice' ? choiceParams(session, step, frame) : askParams(session, step));
    forgetAttempts(session, frame);
  }
  if (step.id === undefined) delete frame.id;
  else frame.id = step.id;
  frame.kind = step.k;
  const timeout = step.timeout ?? flowOf(session, frame.flow)?.timeout;
  session.park(timeout?.afterMs ?? session.program.meta.idleTimeoutMs);
}

function choiceParams(session: Session, step: ChoiceProgram, frame: Frame): { [key: string]: Json } {
  const own = choiceMarkup(optionsOf(session, step, frame), step.columns, step.keyboard, step.hash);
  const authors = step.msg.params['reply_markup'] ? renderValue(step.msg.params['reply_markup'], session, scopeOf(step.msg, session)) : undefined;
  if (!isObject(authors)) return { reply_markup: own };
  // The author's rows come after the options.
  const rows = step.keyboard === 'inline' ? 'inline_keyboard' : 'keyboard';
  return { reply_markup: { ...own, ...authors, [rows]: [...listOf(own[rows]), ...listOf(authors[rows])] } };
}

const REQUESTS: { readonly [expect: string]: { field: string; text: BuiltinText } } = {
  contact: { field: 'request_contact', text: 'shareContact' },
  phone: { field: 'request_contact', text: 'shareContact' },
  location: { field: 'request_location', text: 'shareLocation' },
};

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** The keyboard with the request button, which Telegram takes in private chats only; else as in a group. */
function askParams(session: Session, step: AskProgram): { [key: string]: Json } {
  const request = REQUESTS[step.expect];
  if (!request || session.peer?.chat['type'] !== 'private' || step.msg.chatId || Object.hasOwn(step.msg.params, 'reply_markup')) return groupReply(session, step);
  const text = step.button === undefined ? builtinText(request.text, session.locale) : renderString(step.button, session, scopeOf(step.msg, session));
  return { reply_markup: { keyboard: [[{ text, [request.field]: true }]], resize_keyboard: true, one_time_keyboard: true } };
}

/** In a group an ask replies to the person, so that privacy mode lets the answer through. */
function groupReply(session: Session, step: AskProgram): { [key: string]: Json } {
  const id = session.message?.['message_id'];
  const from = session.message?.['from'];
  const theirs = isObject(from) && from['id'] === session.peer?.user?.['id'];
  if (session.peer?.chat['type'] === 'private' || step.msg.chatId || Object.hasOwn(step.msg.params, 'reply_markup') || typeof id !== 'number' || !theirs) return {};
  return { reply_parameters: { message_id: id, allow_sending_without_reply: true }, reply_markup: { force_reply: true, selective: true } };
}

/** The count of a validate starts anew when its `retry` is reached another way. */
function forgetAttempts(session: Session, frame: Frame): void {
  if (!frame.attempts) return;
  const kept = Object.entries(frame.attempts).filter(([place]) => {
    const slash = place.lastIndexOf('/');
    const step = own(flowOf(session, frame.flow)?.lists, place.slice(0, slash))?.[Number(place.slice(slash + 1))];
    return step?.k === 'validate' && (step.retry.list !== frame.list || step.retry.index !== frame.index);
  });
  setAttempts(frame, Object.fromEntries(kept));
}

/** Options as this person sees them; those of an expression are checked here. */
export function optionsOf(session: Session, step: ChoiceProgram, frame: Frame): RenderedOption[] {
  const scope = scopeOf(step.msg, session);
  const programs = Array.isArray(step.options) ? step.options : dynamicOptions(session, step.options.cel, frame, step.save !== undefined);
  return programs.map((program) => {
    const label = renderString(program.text, session, scope);
    return { key: program.key, label, typed: [...(program.typed ?? []), foldOption(label)], program };
  });
}

function dynamicOptions(session: Session, source: string, frame: Frame, saves: boolean): OptionProgram[] {
  const list = toJson(session.evaluate(source));
  if (!Array.isArray(list) || list.length === 0 || list.length > LIMITS.optionsMax) throw new StepFailure('bad_options');
  return list.map((item: Json): OptionProgram => {
    if (!isObject(item) || typeof item['text'] !== 'string' || item['text'] === '') throw new StepFailure('bad_options');
    const { text, value, goto } = item;
    if (saves && value === undefined && goto === undefined) throw new StepFailure('bad_options');
    const to = goto === undefined ? undefined : dynamicTarget(session, frame, goto);
    return { key: stableHash(`option:${JSON.stringify([text, value ?? null, goto ?? null])}`), text: { lit: text }, ...(value === undefined ? {} : { value: { lit: value } }), ...(to === undefined ? {} : { to }) };
  });
}

function dynamicTarget(session: Session, frame: Frame, name: Json): Target {
  if (typeof name !== 'string') throw new StepFailure('bad_options');
  if (name === 'end') return 'end';
  const flow = flowOf(session, frame.flow);
  for (const [list, steps] of Object.entries(flow?.lists ?? {})) {
    const index = steps.findIndex((step) => step.id === name);
    if (index !== -1) return { list, index };
  }
  if (name !== '' && own(flow?.lists, name)) return { list: name, index: 0 };
  if (flowOf(session, name)) return { flow: name };
  throw new StepFailure('bad_options');
}
