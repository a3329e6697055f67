import { flowHash, placeHash } from '../program/hash.ts';
import { choose, guardedOptions } from './answers.ts';
import { Redirected } from './failure.ts';
import { startConversation } from './flow.ts';
import type { Incoming } from './incoming.ts';
import { isObject, own } from './json.ts';
import { adopt, takeUp } from './moves.ts';
import { endByButton, endMissing, ignore, moveInside, needRouted, onFallback, topOf } from './ownership.ts';
import { flowOf, stepOf } from './places.ts';
import { renderString } from './render.ts';
import { answerPress, ownText } from './send.ts';
import { chatKey } from './session.ts';
import type { Session } from './session.ts';

type Press = Extract<Incoming, { kind: 'press' }>;

/** A press on a button of any revision, ever: callback_data tells what it meant. */
export function onPress(session: Session, press: Press): void {
  session.input = { text: '', kind: 'press', value: null };
  const [kind, ...parts] = (press.data ?? '').split(':');
  const answer = () => answerWith(session, press.queryId, parts.find((part) => /^a./.test(part) && part.length === 12)?.slice(1));
  if (kind === 'c') return onChoicePress(session, press, parts);
  if (kind === 'l') return onPlacePress(session, press, parts, answer);
  if (kind === 'e') {
    if (session.state.conversation && session.env.conversation === 'elsewhere') throw new Redirected('conversation');
    answer();
    return endByButton(session);
  }
  needRouted(session);
  answer();
  const flow = kind === 'g' ? Object.keys(session.program.flows).find((name) => flowHash(name) === parts[0]) : undefined;
  if (flow === undefined) onFallback(session);
  else startConversation(session, { flow, list: '', index: 0 });
}

function answerWith(session: Session, queryId: string, hash: string | undefined): void {
  const answer = hash === undefined ? undefined : own(session.program.answers, hash);
  answerPress(session, queryId, answer ? { text: renderString(answer.text, session), alert: answer.alert } : {});
}

/** A target inside a flow: acts in the conversation that is in that flow, else begins one there. */
function onPlacePress(session: Session, press: Press, parts: string[], answer: () => void): void {
  const [flowPart, placePart] = parts;
  const { conversation } = session.state;
  const inside = conversation && flowHash(topOf(conversation).flow) === flowPart ? conversation : undefined;
  if (inside) {
    if (session.env.conversation === 'elsewhere') throw new Redirected('conversation');
    if (session.env.conversation === 'moved') needRouted(session);
  } else needRouted(session);
  const flow = Object.keys(session.program.flows).find((name) => flowHash(name) === flowPart);
  const place = flow === undefined ? undefined : placeOf(session, flow, placePart);
  if (flow !== undefined && place) {
    answer();
    if (inside) moveInside(session, inside, place);
    else startConversation(session, { flow, ...place });
  } else if (session.env.routed) {
    answer();
    onFallback(session);
  } else stale(session, press);
}

function placeOf(session: Session, flow: string, hash: string | undefined): { list: string; index: number } | undefined {
  for (const [list, steps] of Object.entries(flowOf(session, flow)?.lists ?? {})) {
    if (list !== '' && placeHash(flow, list) === hash) return { list, index: 0 };
    const index = steps.findIndex((step) => step.id !== undefined && placeHash(flow, step.id) === hash);
    if (index !== -1) return { list, index };
  }
  return undefined;
}

/** Counts only for a conversation that waits at that very step. */
function onChoicePress(session: Session, press: Press, [hash, key]: string[]): void {
  const { conversation } = session.state;
  if (!conversation) return stale(session, press);
  if (session.env.conversation === 'elsewhere') throw new Redirected('conversation');
  if (session.env.conversation === 'moved') {
    needRouted(session);
    if (!adopt(session, conversation)) {
      answerPress(session, press.queryId);
      endMissing(session);
      return;
    }
  }
  const frame = topOf(conversation);
  const step = stepOf(session, frame);
  const option = step?.k === 'choice' && step.hash === hash ? guardedOptions(session, step, frame).find((candidate) => candidate.key === key) : undefined;
  if (step?.k !== 'choice' || !option) return stale(session, press);
  answerPress(session, press.queryId);
  if (step.removeButtons) removeButtons(session, press);
  takeUp(session, conversation);
  choose(session, step, frame, option);
}

function removeButtons(session: Session, press: Press): void {
  const { message } = press;
  const chat = isObject(message['chat']) ? message['chat']['id'] : undefined;
  if (chat === undefined || typeof message['message_id'] !== 'number') return;
  session.call({ method: 'editMessageReplyMarkup', params: { chat_id: chat, message_id: message['message_id'] }, chat: chatKey(session.peer), lane: 'reply' });
}

function stale(session: Session, press: Press): void {
  answerPress(session, press.queryId, { text: ownText('stale', session) });
  ignore(session, 'stale_press');
}
