import type { StepProgram, Target } from '../program/program.ts';
import { StepFailure } from './failure.ts';
import { flowOf, pathOf, stepOf } from './places.ts';
import { ownText, sendText } from './send.ts';
import type { Session } from './session.ts';
import type { Conversation, Frame } from './stored-state.ts';
import { beginWait } from './waits.ts';

/** Takes up a stored conversation; steps run on from where its frames point. */
export function takeUp(session: Session, conversation: Conversation): void {
  delete session.state.conversation;
  session.conversationId = conversation.id;
  session.frames = conversation.frames;
  const top = conversation.frames[conversation.frames.length - 1];
  if (top) session.take(top.flow);
}

/** The step's own way out, else the end of the conversation and errorText. */
export function fail(session: Session, failure: StepFailure, step: StepProgram | undefined, path: string): void {
  session.setContext({ error: { code: failure.code, ...(failure.status === undefined ? {} : { status: failure.status }) } });
  const way = failure.final ? undefined : step?.k === 'api' ? step.onError : step?.k === 'validate' ? step.otherwise : undefined;
  if (way !== undefined) return go(session, way);
  session.outcome = { kind: 'failed', code: failure.code, path };
  session.frames = [];
  delete session.state.conversation;
  if (session.canCall) sendText(ownText('error', session), session);
  resumeSuspended(session);
}

/** Moves the conversation to a target. */
export function go(session: Session, to: Target): void {
  if (to === 'end') return endFlow(session);
  const top = session.frames[session.frames.length - 1];
  if ('flow' in to) {
    session.emit('flow_ended', { flow: top?.flow });
    session.frames = [{ flow: to.flow, list: '', index: 0 }];
    session.emit('flow_started', { flow: to.flow });
  } else if (top) {
    top.list = to.list;
    top.index = to.index;
  }
}

/** Ends the flow on top: back to the step after `call`, or the end of the conversation. */
export function endFlow(session: Session): void {
  const ended = session.frames.pop();
  session.emit('flow_ended', { flow: ended?.flow });
  const caller = session.frames[session.frames.length - 1];
  if (caller) caller.index += 1;
  else resumeSuspended(session);
}

/** What was set aside sends its text again and waits anew. */
export function resumeSuspended(session: Session): void {
  const { suspended } = session.state;
  if (!suspended) return;
  delete session.state.suspended;
  if (suspended.revision !== session.env.revision && !adopt(session, suspended)) return;
  takeUp(session, suspended);
  const frame = session.frames[session.frames.length - 1] as Frame;
  const step = stepOf(session, frame);
  if (step?.k !== 'ask' && step?.k !== 'choice') {
    session.frames = [];
    return;
  }
  const undo = session.snapshot();
  try {
    beginWait(session, step, frame, { sendText: true });
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    undo();
    session.frames = [];
    if (session.outcome.kind !== 'failed') session.outcome = { kind: 'failed', code: error.code, path: pathOf(frame) };
  }
}

/** Fits a conversation of another revision to this one: same flows, and at every level a step with the same written id and kind. */
export function adopt(session: Session, conversation: Conversation): boolean {
  const places = conversation.frames.map((frame) => findStep(session, frame));
  if (places.some((place) => place === undefined)) return false;
  conversation.frames.forEach((frame, level) => {
    Object.assign(frame, places[level]);
    delete frame.attempts;
  });
  conversation.revision = session.env.revision;
  return true;
}

function findStep(session: Session, frame: Frame): { list: string; index: number } | undefined {
  const flow = flowOf(session, frame.flow);
  if (!flow || frame.id === undefined) return undefined;
  for (const [list, steps] of Object.entries(flow.lists)) {
    const index = steps.findIndex((step) => step.id === frame.id && step.k === frame.kind);
    if (index !== -1) return { list, index };
  }
  return undefined;
}
