import { badRequest } from '../../domain/api-error.ts';
import { CALLBACK_ANSWER_LENGTH_MAX, CALLBACK_QUERY_AGE_MS_MAX } from '../../limits.ts';
import { emitEvent } from '../post-message.ts';
import type { Method } from './params.ts';
import { flag, text } from './params.ts';

const TOO_OLD = 'query is too old and response timeout expired or query ID is invalid';

export const answerCallbackQuery: Method = (call) => {
  const { account, nowMs } = call;
  const query = account.queries.get(text(call, 'callback_query_id'));
  if (!query || query.answer !== null || nowMs - query.createdAtMs > CALLBACK_QUERY_AGE_MS_MAX) throw badRequest(TOO_OLD);
  const answer = { text: text(call, 'text'), show_alert: flag(call, 'show_alert'), url: text(call, 'url') };
  if (answer.text.length > CALLBACK_ANSWER_LENGTH_MAX) throw badRequest('MESSAGE_TOO_LONG');
  account.commit({ t: 'answered', queryId: query.id, answer });
  emitEvent(account, query.chatId, { kind: 'callback_answer', callback_query_id: query.id, user_id: query.userId, ...answer }, nowMs);
  account.signals.notify(query.id);
  return { result: true };
};
