import type { Target } from '../program/program.ts';
import { Redirected } from './failure.ts';
import { runSteps, startConversation } from './flow.ts';
import { adopt, go, takeUp } from './moves.ts';
import { stepOf } from './places.ts';
import type { Session } from './session.ts';
import type { Conversation, Frame } from './stored-state.ts';

/** Nothing is run; the code is counted. */
export function ignore(session: Session, code: string): void {
  session.outcome = { kind: 'ignored', code };
}

/** What starts something new belongs to the routed revision. */
export function needRouted(session: Session): void {
  if (!session.env.routed) throw new Redirected('routed');
}

/** Makes sure the conversation runs here: another revision's is sent there, a moved one is fitted. False when it did not fit and ended. */
export function ownConversation(session: Session, conversation: Conversation): boolean {
  if (session.env.conversation === 'elsewhere') throw new Redirected('conversation');
  if (session.env.conversation === 'moved') {
    needRouted(session);
    if (!adopt(session, conversation)) return endMissing(session);
  }
  const step = stepOf(session, topOf(conversation));
  return step?.k === 'ask' || step?.k === 'choice' ? true : endMissing(session);
}

/** The step is gone: onMissingStep, else fallback, else silence. */
export function endMissing(session: Session): false {
  delete session.state.conversation;
  const flow = session.program.meta.onMissingStep ?? session.program.fallback;
  if (flow === undefined) ignore(session, 'missing_step');
  else startConversation(session, { flow, list: '', index: 0 });
  return false;
}

/** What nothing else fits. */
export function onFallback(session: Session): void {
  const { fallback } = session.program;
  if (fallback === undefined) return ignore(session, 'no_match');
  session.emit('fallback', { flow: fallback });
  startConversation(session, { flow: fallback, list: '', index: 0 });
}

/** A press, or its like on a reply keyboard: acts on its target, and leaves the flow under way unless it lies inside it. */
export function goFrom(session: Session, flow: string, to: Target): void {
  const { conversation } = session.state;
  if (to === 'end') return endByButton(session);
  if (!('flow' in to) && conversation && topOf(conversation).flow === flow) return moveInside(session, conversation, { list: to.list, index: to.index });
  needRouted(session);
  startConversation(session, 'flow' in to ? { flow: to.flow, list: '', index: 0 } : { flow, list: to.list, index: to.index });
}

/** A button that goes to `end`. */
export function endByButton(session: Session): void {
  const { conversation } = session.state;
  if (!conversation) return;
  if (!ownConversation(session, conversation)) return;
  takeUp(session, conversation);
  endConversation(session);
}

/** Drops the whole stack; what was set aside goes on. */
export function endConversation(session: Session): void {
  session.frames.length = 1;
  go(session, 'end');
}

/** Goes on inside the flow under way. A button acts on its target even when the step that waits is gone: then the flow begins there. */
export function moveInside(session: Session, conversation: Conversation, to: { list: string; index: number }): void {
  if (session.env.conversation === 'elsewhere') throw new Redirected('conversation');
  if (session.env.conversation === 'moved') {
    needRouted(session);
    if (!adopt(session, conversation)) return startConversation(session, { flow: topOf(conversation).flow, ...to });
  }
  takeUp(session, conversation);
  go(session, to);
  runSteps(session);
}

/** The flow under way. */
export function topOf(conversation: Conversation): Frame {
  return conversation.frames[conversation.frames.length - 1] as Frame;
}
