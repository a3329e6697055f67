import type { Json } from '@botplane/domain';
import type { AskProgram, ChoiceProgram, StepProgram, Target } from '../program/program.ts';
import { foldOption } from '../program/normalise.ts';
import { readAnswer } from './expects.ts';
import { StepFailure } from './failure.ts';
import { runSteps } from './flow.ts';
import { fail, go } from './moves.ts';
import { pathOf } from './places.ts';
import { renderValue } from './render.ts';
import { scopeOf, sendSideText } from './send.ts';
import type { RenderedOption } from './send.ts';
import type { Session } from './session.ts';
import type { Frame } from './stored-state.ts';
import { optionsOf } from './waits.ts';

type WaitStep = AskProgram | ChoiceProgram;

/** Input of a person for the waiting step; what does not fit is asked for again. The frames are taken up already. */
export function takeMessage(session: Session, step: WaitStep & { id?: string }, frame: Frame, reAsk: () => void): void {
  if (step.k === 'ask') {
    const value = readAnswer(step, session);
    if (value === undefined) return reAsk();
    rememberAlbum(session, step);
    return accept(session, step, frame, { value, saves: true });
  }
  const typed = typeof session.message?.['text'] === 'string' ? foldOption(session.message['text']) : undefined;
  const option = typed === undefined ? undefined : guardedOptions(session, step, frame).find((candidate) => candidate.typed.includes(typed));
  if (!option) return reAsk();
  choose(session, step, frame, option);
}

/** Further parts of the album come as updates of their own, and are dropped. */
function rememberAlbum(session: Session, step: AskProgram): void {
  const album = session.message?.['media_group_id'];
  if (typeof album === 'string' && (step.expect === 'photo' || step.expect === 'document')) session.state.album = album;
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
  sendSideText(step.reask, step.k === 'choice' ? 'choice' : step.expect === 'any' ? 'text' : step.expect, session, scopeOrNone(step, session));
}

function scopeOrNone(step: WaitStep, session: Session): { count?: number } {
  try {
    return scopeOf(step.msg, session);
  } catch (error) {
    if (error instanceof StepFailure) return {};
    throw error;
  }
}
