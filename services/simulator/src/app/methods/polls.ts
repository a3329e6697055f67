import type { MessageEntity } from '@grammyjs/types';
import { badRequest } from '../../domain/api-error.ts';
import { formatText } from '../../domain/format-text.ts';
import { POLL_OPTIONS_MAX, POLL_OPTION_LENGTH_MAX, POLL_QUESTION_LENGTH_MAX } from '../../limits.ts';
import { closePoll } from '../poll-state.ts';
import type { KeptPoll } from '../shelves.ts';
import { sendContent, readInlineMarkup } from './compose.ts';
import type { Call, Method } from './params.ts';
import { flag, integer, isObject, json, text, toInteger } from './params.ts';
import { targetChat } from './targets.ts';

const EXPLANATION_LENGTH_MAX = 200;
const OPEN_PERIOD_S_MAX = 2_628_000;

export const sendPoll: Method = (call) => {
  const poll = readPoll(call);
  const message = sendContent(call, () => ({ poll }));
  call.account.keep('poll', poll.id, { chatId: message.chat.id, messageId: message.message_id, poll, votes: [] });
  return { result: message };
};

export const stopPoll: Method = (call) => {
  const state = targetChat(call);
  const id = integer(call, 'message_id');
  const message = id === null ? undefined : call.account.message(state.chat.id, id);
  const pollId = isObject(message?.['poll']) ? String(message['poll']['id']) : '';
  const kept = call.account.kept('poll', pollId);
  if (!message || !kept) throw badRequest('message with poll to stop not found');
  if (message.from.id !== call.account.bot.id) throw badRequest("poll can't be stopped");
  if (kept.poll.is_closed) throw badRequest('poll has already been closed');
  return { result: closePoll(call.account, kept, readInlineMarkup(call), call.nowMs) };
};

function readPoll(call: Call): KeptPoll['poll'] {
  const type = text(call, 'type') || 'regular';
  const question = readPart(call, 'question', POLL_QUESTION_LENGTH_MAX, 'poll question');
  const options = readOptions(call);
  const quiz = type === 'quiz' ? readQuiz(call, options.length) : {};
  const description = text(call, 'description') === '' ? {} : readPart(call, 'description', 1_024, 'poll description');
  const optional: Record<string, unknown> = { ...question, ...description, ...quiz, ...readEnd(call) };
  return {
    id: String(BigInt(call.nowMs) * 1_000_000n + BigInt(Math.floor(Math.random() * 1_000_000))),
    ...(optional as { question: string }), options,
    total_voter_count: 0, is_closed: flag(call, 'is_closed'), type,
    is_anonymous: call.params['is_anonymous'] === undefined || flag(call, 'is_anonymous'),
    allows_multiple_answers: flag(call, 'allows_multiple_answers'),
    allows_revoting: call.params['allows_revoting'] === undefined ? type !== 'quiz' : flag(call, 'allows_revoting'),
    members_only: flag(call, 'members_only'),
  };
}

function readOptions(call: Call): KeptPoll['poll']['options'] {
  const list = json(call, 'options');
  if (!Array.isArray(list)) throw badRequest("can't parse options JSON object");
  if (list.length < 1) throw badRequest('poll must have at least 1 option');
  if (list.length > POLL_OPTIONS_MAX) throw badRequest(`poll can't have more than ${POLL_OPTIONS_MAX} options`);
  return list.map((option: unknown, index) => {
    const one = { ...call, params: isObject(option) ? option : { text: option } };
    const { text: words, text_entities } = readPart(one, 'text', POLL_OPTION_LENGTH_MAX, 'poll options') as { text: string; text_entities?: MessageEntity[] };
    return { persistent_id: String(index), text: words, ...(text_entities && { text_entities }), voter_count: 0 };
  });
}

/** A part of a poll with its entities: `question`, `question_entities`. */
function readPart(call: Call, field: string, lengthMax: number, what: string): Record<string, unknown> {
  const given = json(call, `${field}_entities`);
  const formatted = formatText(text(call, field), text(call, `${field}_parse_mode`), Array.isArray(given) ? (given as MessageEntity[]) : []);
  if (formatted.text === '') throw badRequest(`${what} must be non-empty`);
  if (formatted.text.length > lengthMax) throw badRequest(`${what} length must not exceed ${lengthMax}`);
  return { [field]: formatted.text, ...(formatted.entities.length > 0 && { [`${field}_entities`]: formatted.entities }) };
}

function readQuiz(call: Call, optionCount: number): Record<string, unknown> {
  const given = json(call, 'correct_option_ids') ?? (call.params['correct_option_id'] === undefined ? [] : [call.params['correct_option_id']]);
  const ids = Array.isArray(given) ? given.map(toInteger) : [];
  if (ids.length === 0 || ids.some((id) => id === null || id < 0 || id >= optionCount)) throw badRequest('wrong correct option ID specified');
  const explanation = text(call, 'explanation') === '' ? {} : readPart(call, 'explanation', EXPLANATION_LENGTH_MAX, 'poll explanation');
  return { correct_option_ids: ids, ...explanation };
}

function readEnd(call: Call): Record<string, number> {
  const period = integer(call, 'open_period') ?? 0;
  const close = integer(call, 'close_date') ?? 0;
  if (period !== 0 && (period < 5 || period > OPEN_PERIOD_S_MAX)) throw badRequest('OPEN_PERIOD_INVALID');
  if (period === 0 && close === 0) return {};
  return period === 0 ? { close_date: close } : { open_period: period, close_date: Math.floor(call.nowMs / 1000) + period };
}
