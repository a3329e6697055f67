import type { AskProgram, ChoiceProgram, IntentProgram } from '../program/program.ts';
import { sendReask, takeMessage } from './answers.ts';
import { startConversation } from './flow.ts';
import { isAddressed, readCommand } from './incoming.ts';
import type { CommandCall, Incoming } from './incoming.ts';
import { matchIntent } from './intents.ts';
import { own } from './json.ts';
import { takeUp } from './moves.ts';
import { goFrom, ignore, needRouted, onFallback, ownConversation, topOf } from './ownership.ts';
import { stepOf } from './places.ts';
import type { Session } from './session.ts';
import type { Conversation } from './stored-state.ts';

type Message = Extract<Incoming, { kind: 'message' }>;

/** A message of a person: command, button of a keyboard, input to a waiting step, intent, or fallback. */
export function onMessage(session: Session, incoming: Message): void {
  session.isMessage = true;
  const text = incoming.text ?? (typeof incoming.message['caption'] === 'string' ? incoming.message['caption'] : '');
  session.input = { text, kind: incoming.inputKind, value: null };
  if (isAlbumRest(session, incoming)) return ignore(session, 'album_part');
  const command = readCommand(incoming.text);
  if (command?.at !== undefined && command.at !== session.env.bot.username.toLowerCase()) return ignore(session, 'other_bot');
  // The routed revision knows what is a command now; what it left to this one is none.
  if (command && session.env.routed && own(session.program.commands, command.name)) return onCommand(session, command);
  const key = incoming.isPrivate && incoming.text !== undefined ? session.program.keyboardGotos.find((button) => button.texts.includes(incoming.text ?? '')) : undefined;
  if (key) return goFrom(session, key.flow, key.to);
  const { conversation } = session.state;
  if (conversation) return onInput(session, conversation);
  if (!isForBot(session, incoming, command)) return ignore(session, 'not_addressed');
  needRouted(session);
  const intent = command ? undefined : matchIntent(session.program, session.locale, incoming.text ?? text);
  if (intent) onIntent(session, intent);
  else onFallback(session);
}

/** A part of the album that answered an ask already; any other message ends the album. */
function isAlbumRest(session: Session, incoming: Message): boolean {
  if (session.state.album === undefined) return false;
  if (session.state.album === incoming.message['media_group_id']) return true;
  delete session.state.album;
  return false;
}

function onCommand(session: Session, command: CommandCall): void {
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
  session.inputIsPersonal = step.save !== undefined && own(session.program.state, step.save)?.pii === true;
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
