import type { Json } from '@botplane/domain';
import { LIMITS } from '../schema/limits.ts';
import type { AskProgram, ChoiceProgram, Expect, OptionProgram, StepProgram, Target } from '../program/program.ts';
import { foldOption } from '../program/normalise.ts';
import { stableHash } from '../program/hash.ts';
import { StepFailure } from './failure.ts';
import { fail, flowOf, go, pathOf, runSteps } from './flow.ts';
import { isObject, own, toJson } from './json.ts';
import { renderValue } from './render.ts';
import { choiceMarkup, scopeOf, sendMessage, sendSideText } from './send.ts';
import type { RenderedOption } from './send.ts';
import type { Session } from './session.ts';
import type { Frame } from './stored-state.ts';
import { setAttempts } from './steps.ts';

type WaitStep = AskProgram | ChoiceProgram;

/** A step begins to wait: its text goes out (not after a validate retry) and its clock starts. */
export function beginWait(session: Session, step: WaitStep & { id?: string }, frame: Frame, { sendText: withText }: { sendText: boolean }): void {
  if (withText) {
    sendMessage(step.msg, session, step.k === 'choice' ? choiceParams(session, step, frame) : groupReply(session, step));
    forgetAttempts(session, frame);
  }
  if (step.id === undefined) delete frame.id;
  else frame.id = step.id;
  frame.kind = step.k;
  const timeout = step.timeout ?? flowOf(session, frame.flow)?.timeout;
  session.park(timeout?.afterMs ?? session.program.meta.idleTimeoutMs);
}

function choiceParams(session: Session, step: ChoiceProgram, frame: Frame): { [key: string]: Json } {
  return { reply_markup: choiceMarkup(optionsOf(session, step, frame), step.columns, step.keyboard, step.hash) };
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
  const programs = Array.isArray(step.options) ? step.options : dynamicOptions(session, step.options.cel, frame);
  return programs.map((program) => {
    const label = String(renderValue(program.text, session, scope));
    return { key: program.key, label, typed: [...(program.typed ?? []), foldOption(label)], program };
  });
}

function dynamicOptions(session: Session, source: string, frame: Frame): OptionProgram[] {
  const list = toJson(session.evaluate(source));
  if (!Array.isArray(list) || list.length === 0 || list.length > LIMITS.optionsMax) throw new StepFailure('bad_options');
  return list.map((item: Json): OptionProgram => {
    if (!isObject(item) || typeof item['text'] !== 'string' || item['text'] === '') throw new StepFailure('bad_options');
    const { text, value, goto } = item;
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

/** Input of a person for the waiting step; what does not fit is asked for again. The frames are taken up already. */
export function takeMessage(session: Session, step: WaitStep & { id?: string }, frame: Frame, reAsk: () => void): void {
  if (step.k === 'ask') {
    const value = readAnswer(step.expect, session.message?.['text']);
    if (value === undefined) return reAsk();
    return accept(session, step, frame, { value, saves: true });
  }
  const typed = typeof session.message?.['text'] === 'string' ? foldOption(session.message['text']) : undefined;
  const option = typed === undefined ? undefined : guardedOptions(session, step, frame).find((candidate) => candidate.typed.includes(typed));
  if (!option) return reAsk();
  choose(session, step, frame, option);
}

/** Options of a step that waits already; an expression that fails now offers none. */
export function guardedOptions(session: Session, step: ChoiceProgram, frame: Frame): RenderedOption[] {
  try {
    return optionsOf(session, step, frame);
  } catch (error) {
    if (error instanceof StepFailure) return [];
    throw error;
  }
}

export function choose(session: Session, step: ChoiceProgram & { id?: string }, frame: Frame, option: RenderedOption): void {
  const { value, to } = option.program;
  accept(session, step, frame, { compute: () => (value ? renderValue(value, session) : option.label), saves: value !== undefined, ...(to === undefined ? {} : { to }) });
}

interface Accepted {
  value?: Json;
  compute?: () => Json;
  saves: boolean;
  to?: Target;
}

function accept(session: Session, step: (WaitStep & { id?: string }) & StepProgram, frame: Frame, accepted: Accepted): void {
  const undo = session.snapshot();
  const path = pathOf(frame);
  try {
    const value = accepted.compute ? accepted.compute() : (accepted.value ?? null);
    session.input.value = value;
    if (step.save !== undefined && accepted.saves) session.save({ [step.save]: value });
    session.emit('step_completed', { flow: frame.flow, step: step.id ?? path });
    if (accepted.to === undefined) frame.index += 1;
    else go(session, accepted.to);
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    undo();
    fail(session, error, step, path);
  }
  runSteps(session);
}

/** Sends `reask` or our text for the kind; the wait stays as it is. */
export function sendReask(session: Session, step: WaitStep): void {
  sendSideText(step.reask, step.k === 'choice' ? 'choice' : step.expect, session, scopeOrNone(step, session));
}

function scopeOrNone(step: WaitStep, session: Session): { count?: number } {
  try {
    return scopeOf(step.msg, session);
  } catch (error) {
    if (error instanceof StepFailure) return {};
    throw error;
  }
}

function readAnswer(expect: Expect, raw: Json | undefined): Json | undefined {
  if (typeof raw !== 'string') return undefined;
  const text = raw.trim();
  switch (expect) {
    case 'text':
      return text === '' || text.startsWith('/') ? undefined : text;
    case 'integer':
      return /^[+-]?\d{1,15}$/.test(text) ? Number(text) + 0 : undefined;
    case 'number':
      return /^[+-]?\d{1,15}([.,]\d{1,15})?$/.test(text) && text.replace(/\D/g, '').length <= 15 ? Number(text.replace(',', '.')) + 0 : undefined;
  }
}
