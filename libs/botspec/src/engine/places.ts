import type { FlowProgram, StepProgram } from '../program/program.ts';
import { own } from './json.ts';
import type { Session } from './session.ts';
import type { Frame } from './stored-state.ts';

/** `flows.order.steps[3]`, `flows.order.labels.late[0]`. */
export function pathOf(frame: Frame): string {
  return frame.list === '' ? `flows.${frame.flow}.steps[${frame.index}]` : `flows.${frame.flow}.labels.${frame.list}[${frame.index}]`;
}

export function flowOf(session: Session, name: string): FlowProgram | undefined {
  return own(session.program.flows, name);
}

export function stepOf(session: Session, frame: Frame): StepProgram | undefined {
  return own(flowOf(session, frame.flow)?.lists, frame.list)?.[frame.index];
}

export function setAttempts(frame: Frame, attempts: { [place: string]: number }): void {
  if (Object.keys(attempts).length > 0) frame.attempts = attempts;
  else delete frame.attempts;
}
