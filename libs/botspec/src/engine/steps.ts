import type { Json } from '@botplane/domain';
import type { StepProgram, Target, ValidateProgram } from '../program/program.ts';
import { SchemaTooComplex, fitsSchema } from '../program/json-schema.ts';
import { regexFinds } from '../program/regex.ts';
import { LIMITS } from '../schema/limits.ts';
import { runApiCall } from './api-call.ts';
import { StepFailure } from './failure.ts';
import { own } from './json.ts';
import { endFlow, go } from './moves.ts';
import { setAttempts, stepOf } from './places.ts';
import { plainText, renderValue } from './render.ts';
import { sendMessage, sendSideText } from './send.ts';
import type { Session } from './session.ts';
import type { Frame } from './stored-state.ts';
import { beginWait } from './waits.ts';

type Step<K extends StepProgram['k']> = Extract<StepProgram, { k: K }>;

/** Runs one step and moves on; what a failing step did is undone by the caller. False when it waits for a person. */
export function runStep(session: Session, step: StepProgram, frame: Frame, path: string): boolean {
  switch (step.k) {
    case 'reply':
      sendMessage(step.msg, session);
      break;
    case 'ask':
    case 'choice':
      beginWait(session, step, frame, { sendText: true });
      return false;
    case 'validate':
      return validate(session, step, frame);
    case 'save':
      saveStep(session, step);
      break;
    case 'api':
      runApiCall(step, path, frame.flow, session);
      break;
    case 'goto':
      return moveOn(session, frame, step.when === undefined || session.condition(step.when) ? step.to : step.elseNext);
    case 'branch':
      return moveOn(session, frame, step.arms.find((arm) => session.condition(arm.when))?.to ?? step.otherwise);
    case 'call':
      call(session, step, frame);
      return true;
    case 'end':
      end(session, step);
      return true;
  }
  return moveOn(session, frame);
}

/** To a target, or the next step. */
function moveOn(session: Session, frame: Frame, to?: Target): true {
  if (to === undefined) frame.index += 1;
  else go(session, to);
  return true;
}

function saveStep(session: Session, step: Step<'save'>): void {
  const changes: { [key: string]: Json } = {};
  // All values are read before any is written.
  for (const [key, value] of Object.entries(step.set)) changes[key] = renderValue(value, session);
  const locale = step.locale === undefined ? undefined : renderValue(step.locale, session);
  if (locale !== undefined && locale !== null && (typeof locale !== 'string' || !session.program.meta.locales.includes(locale))) throw new StepFailure('type_mismatch');
  session.save(changes);
  if (locale === null) delete session.state.locale;
  else if (typeof locale === 'string') session.state.locale = locale;
}

function validate(session: Session, step: ValidateProgram & { id?: string }, frame: Frame): boolean {
  const key = `${frame.list}/${frame.index}`;
  const attempts = { ...frame.attempts };
  const wrong = (own(attempts, key) ?? 0) + 1;
  delete attempts[key];
  if (isGood(session, step)) {
    setAttempts(frame, attempts);
    return moveOn(session, frame);
  }
  session.emit('validation_failed', { flow: frame.flow, step: step.id ?? key });
  setAttempts(frame, attempts);
  if (wrong >= step.attempts) throw new StepFailure('validation_failed');
  sendSideText(step.message, 'text', session);
  setAttempts(frame, { ...attempts, [key]: wrong });
  frame.list = step.retry.list;
  frame.index = step.retry.index;
  const retry = stepOf(session, frame);
  if (retry?.k === 'ask' || retry?.k === 'choice') beginWait(session, retry, frame, { sendText: false });
  return false;
}

function isGood(session: Session, step: ValidateProgram): boolean {
  if (step.when !== undefined) return session.condition(step.when);
  const value = renderValue(step.value, session);
  if (step.schema === undefined) return regexFinds(step.regex ?? '', plainText(value, session));
  try {
    return fitsSchema(step.schema, value);
  } catch (error) {
    if (error instanceof SchemaTooComplex) throw new StepFailure('schema_too_complex');
    throw error;
  }
}

function call(session: Session, step: Step<'call'>, frame: Frame): void {
  if (session.frames.length >= LIMITS.callDepthMax) throw new StepFailure('call_depth');
  if (step.id === undefined) delete frame.id;
  else frame.id = step.id;
  frame.kind = step.k;
  session.frames.push({ flow: step.flow, list: '', index: 0 });
  session.emit('flow_started', { flow: step.flow });
}

function end(session: Session, step: Step<'end'>): void {
  session.save(Object.fromEntries(step.clear.filter((key) => key !== 'locale').map((key) => [key, null])));
  if (step.clear.includes('locale')) delete session.state.locale;
  if (!step.all) return endFlow(session);
  for (const frame of session.frames.toReversed()) session.emit('flow_ended', { flow: frame.flow });
  session.frames = [];
  delete session.state.suspended;
}
