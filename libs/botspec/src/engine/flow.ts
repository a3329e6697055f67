import type { StepProgram } from '../program/program.ts';
import { LIMITS } from '../schema/limits.ts';
import { StepFailure } from './failure.ts';
import { endFlow, fail } from './moves.ts';
import { pathOf, stepOf } from './places.ts';
import type { Session } from './session.ts';
import type { Frame } from './stored-state.ts';
import { runStep } from './steps.ts';

/** Begins a conversation, in place of the one under way. */
export function startConversation(session: Session, frame: Frame): void {
  delete session.state.conversation;
  session.conversationId = session.env.runId;
  session.frames = [frame];
  session.take(frame.flow);
  session.emit('flow_started', { flow: frame.flow });
  runSteps(session);
}

/** Runs steps until one waits, the conversation ends, or a limit is met. */
export function runSteps(session: Session): void {
  while (session.frames.length > 0 && !session.state.conversation) {
    const frame = session.frames[session.frames.length - 1] as Frame;
    const step = stepOf(session, frame);
    if (!step) endFlow(session);
    else guarded(session, step, frame);
  }
}

function guarded(session: Session, step: StepProgram, frame: Frame): void {
  const undo = session.snapshot();
  const path = pathOf(frame);
  try {
    session.transitions += 1;
    if (session.transitions > LIMITS.transitionsPerUpdateMax) throw new StepFailure('transitions_exceeded', { final: true });
    if (runStep(session, step, frame, path)) session.emit('step_completed', { flow: frame.flow, step: step.id ?? path });
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    undo();
    fail(session, error, step, path);
  }
}
