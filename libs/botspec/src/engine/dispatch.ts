import type { GuestEvent } from '@botplane/contracts';
import { flowHash, placeHash } from '../program/hash.ts';
import { containsKeyword, normaliseWords } from '../program/normalise.ts';
import type { AskProgram, ChoiceProgram, IntentProgram, Target } from '../program/program.ts';
import { Redirected } from './failure.ts';
import { choose, guardedOptions, sendReask, takeMessage } from './answers.ts';
import { runSteps, startConversation } from './flow.ts';
import { isAddressed, readCommand, readUpdate } from './incoming.ts';
import type { CommandCall, Incoming } from './incoming.ts';
import { isObject, own } from './json.ts';
import { adopt, go, takeUp } from './moves.ts';
import { flowOf, stepOf } from './places.ts';
import { renderString } from './render.ts';
import { answerPress, ownText } from './send.ts';
import { chatKey } from './session.ts';
import type { Session } from './session.ts';
import type { Conversation, Frame } from './stored-state.ts';

type Message = Extract<Incoming, { kind: 'message' }>;
type Press = Extract<Incoming, { kind: 'press' }>;

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

function ignore(session: Session, code: string): void {
  session.outcome = { kind: 'ignored', code };
}

/** What starts something new belongs to the routed revision. */
function needRouted(session: Session): void {
  if (!session.env.routed) throw new Redirected('routed');
}

/** Makes sure the conversation runs here: another revision's is sent there, a moved one is fitted. False when it did not fit and ended. */
function ownConversation(session: Session, conversation: Conversation): boolean {
  if (session.env.conversation === 'elsewhere') throw new Redirected('conversation');
  if (session.env.conversation === 'moved') {
    needRouted(session);
    if (!adopt(session, conversation)) return endMissing(session);
  }
  const step = stepOf(session, topOf(conversation));
  return step?.k === 'ask' || step?.k === 'choice' ? true : endMissing(session);
}

/** The step is gone: onMissingStep, else fallback, else silence. */
function endMissing(session: Session): false {
  delete session.state.conversation;
  const flow = session.program.meta.onMissingStep ?? session.program.fallback;
  if (flow === undefined) ignore(session, 'missing_step');
  else startConversation(session, { flow, list: '', index: 0 });
  return false;
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

function onMessage(session: Session, incoming: Message): void {
  const text = incoming.text ?? (typeof incoming.message['caption'] === 'string' ? incoming.message['caption'] : '');
  session.input = { text, kind: incoming.inputKind, value: null };
  const command = readCommand(incoming.text);
  if (command?.at !== undefined && command.at !== session.env.bot.username.toLowerCase()) return ignore(session, 'other_bot');
  if (command && own(session.program.commands, command.name)) return onCommand(session, command);
  const key = incoming.isPrivate && incoming.text !== undefined ? session.program.keyboardGotos.find((button) => button.texts.includes(incoming.text ?? '')) : undefined;
  if (key) return goFrom(session, key.flow, key.to);
  const { conversation } = session.state;
  if (conversation) return onInput(session, conversation);
  if (!isForBot(session, incoming, command)) return ignore(session, 'not_addressed');
  needRouted(session);
  const intent = command ? undefined : matchIntent(session, incoming.text ?? text);
  if (intent) onIntent(session, intent);
  else onFallback(session);
}

function onCommand(session: Session, command: CommandCall): void {
  needRouted(session);
  const program = own(session.program.commands, command.name);
  if (!program) return;
  session.setContext({ args: command.args, ...(command.name === 'start' && command.args !== '' ? { start: command.args } : {}) });
  const { conversation, suspended } = session.state;
  // One at most is set aside; a command's own conversation makes way for the next.
  if (program.inFlow === 'suspend' && conversation && !suspended) session.state.suspended = conversation;
  startConversation(session, { flow: program.flow, list: '', index: 0 });
}

function onInput(session: Session, conversation: Conversation): void {
  if (!ownConversation(session, conversation)) return;
  const frame = topOf(conversation);
  const step = stepOf(session, frame) as (AskProgram | ChoiceProgram) & { id?: string };
  takeUp(session, conversation);
  takeMessage(session, step, frame, () => {
    session.frames = [];
    session.state.conversation = conversation;
    sendReask(session, step);
  });
}

function isForBot(session: Session, incoming: Message, command: CommandCall | undefined): boolean {
  const { groups } = session.program.meta;
  if (incoming.isPrivate || groups === 'all') return true;
  return groups === 'addressed' && (command?.at !== undefined || isAddressed(incoming.message, session.env.bot));
}

function matchIntent(session: Session, raw: string): IntentProgram | undefined {
  const text = normaliseWords(raw);
  const { locales } = session.program.meta;
  const others = locales.filter((locale) => locale !== session.locale);
  return bestIntent(session.program.intents, text, [session.locale]) ?? bestIntent(session.program.intents, text, others);
}

/** Priority, then the longest keyword, then the order of the list. */
function bestIntent(intents: readonly IntentProgram[], text: string, locales: readonly string[]): IntentProgram | undefined {
  let best: { intent: IntentProgram; length: number } | undefined;
  for (const intent of intents) {
    const keywords = locales.flatMap((locale) => own(intent.keywords, locale) ?? []);
    const length = Math.max(0, ...keywords.filter((keyword) => containsKeyword(text, keyword)).map((keyword) => keyword.length));
    if (length > 0 && (!best || intent.priority > best.intent.priority || (intent.priority === best.intent.priority && length > best.length))) best = { intent, length };
  }
  return best?.intent;
}

function onIntent(session: Session, intent: IntentProgram): void {
  const last = own(session.state.cooldowns, intent.id);
  if (last !== undefined && session.env.nowMs - last < intent.cooldownMs) {
    session.emit('intent_swallowed', { code: intent.id });
    return ignore(session, 'cooldown');
  }
  if (intent.cooldownMs > 0) session.state.cooldowns = { ...session.state.cooldowns, [intent.id]: session.env.nowMs };
  session.emit('intent_matched', { flow: intent.flow, code: intent.id });
  startConversation(session, { flow: intent.flow, list: '', index: 0 });
}

function onFallback(session: Session): void {
  const { fallback } = session.program;
  if (fallback === undefined) return ignore(session, 'no_match');
  session.emit('fallback', { flow: fallback });
  startConversation(session, { flow: fallback, list: '', index: 0 });
}

/** A press, or its like on a reply keyboard: acts on its target, and leaves the flow under way unless it lies inside it. */
function goFrom(session: Session, flow: string, to: Target): void {
  const { conversation } = session.state;
  if (to === 'end') return endByButton(session);
  if (!('flow' in to) && conversation && topOf(conversation).flow === flow) return moveInside(session, conversation, { list: to.list, index: to.index });
  needRouted(session);
  startConversation(session, 'flow' in to ? { flow: to.flow, list: '', index: 0 } : { flow, list: to.list, index: to.index });
}

function endByButton(session: Session): void {
  const { conversation } = session.state;
  if (!conversation) return;
  if (!ownConversation(session, conversation)) return;
  takeUp(session, conversation);
  endConversation(session);
}

/** Drops the whole stack; what was set aside goes on. */
function endConversation(session: Session): void {
  session.frames.length = 1;
  go(session, 'end');
}

function moveInside(session: Session, conversation: Conversation, to: { list: string; index: number }): void {
  if (!ownConversation(session, conversation)) return;
  takeUp(session, conversation);
  go(session, to);
  runSteps(session);
}

function onPress(session: Session, press: Press): void {
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

function topOf(conversation: Conversation): Frame {
  return conversation.frames[conversation.frames.length - 1] as Frame;
}
