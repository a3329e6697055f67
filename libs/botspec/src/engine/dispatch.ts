import type { GuestEvent } from '@botplane/contracts';
import type { AskProgram, ChoiceProgram } from '../program/program.ts';
import { runSteps } from './flow.ts';
import { readUpdate } from './incoming.ts';
import { onMessage } from './messages.ts';
import { go, takeUp } from './moves.ts';
import { endConversation, ignore, ownConversation, topOf } from './ownership.ts';
import { flowOf, stepOf } from './places.ts';
import { onPress } from './presses.ts';
import type { Session } from './session.ts';

/** Decides what an event means, and runs it. */
export function dispatch(session: Session, event: GuestEvent): void {
  if (event.kind === 'timer') return onTimer(session, event);
  const incoming = readUpdate(event.update);
  if (incoming.kind === 'ignored') return ignore(session, incoming.code);
  session.peer = incoming.peer;
  session.message = incoming.message;
  if (incoming.updateId !== undefined) session.setContext({ update_id: incoming.updateId });
  if (incoming.kind === 'press') onPress(session, incoming);
  else onMessage(session, incoming);
}

function onTimer(session: Session, event: { key: string; nonce: string }): void {
  const { conversation, suspended } = session.state;
  if (event.key === 'suspended' && suspended?.wait.nonce === event.nonce) {
    delete session.state.suspended;
    return;
  }
  if (event.key !== 'wait' || conversation?.wait.nonce !== event.nonce) return ignore(session, 'stale_timer');
  session.peer = conversation.peer;
  if (!ownConversation(session, conversation)) return;
  takeUp(session, conversation);
  const frame = topOf(conversation);
  const step = stepOf(session, frame) as AskProgram | ChoiceProgram;
  const timeout = step.timeout ?? flowOf(session, frame.flow)?.timeout;
  session.emit('timeout', { flow: frame.flow, step: frame.id });
  if (timeout) go(session, timeout.to);
  else endConversation(session);
  runSteps(session);
}
