import { badRequest } from '../../domain/api-error.ts';
import type { OpenQuery, QueryKind } from '../open-queries.ts';
import type { Call, Method } from './params.ts';
import { flag, isObject, json, text } from './params.ts';

const TOO_OLD = 'query is too old and response timeout expired or query ID is invalid';
const INLINE_RESULTS_MAX = 50;

export const answerPreCheckoutQuery: Method = (call) => answer(call, 'pre_checkout_query', 'pre_checkout_query_id', () => withError(call));

export const answerShippingQuery: Method = (call) => answer(call, 'shipping_query', 'shipping_query_id', () => {
  const given = withError(call);
  if (given['ok'] !== true) return given;
  const options = json(call, 'shipping_options');
  if (!Array.isArray(options) || options.length === 0 || !options.every(isObject)) throw badRequest('shipping options are not specified');
  return { ...given, shipping_options: options };
});

export const answerInlineQuery: Method = (call) => answer(call, 'inline_query', 'inline_query_id', () => {
  const results = json(call, 'results');
  if (!Array.isArray(results)) throw badRequest("can't parse inline query results JSON object");
  if (results.length > INLINE_RESULTS_MAX) throw badRequest('RESULTS_TOO_MUCH');
  return { results, cache_time: call.params['cache_time'] ?? 300 };
});

export const answerChatJoinRequestQuery: Method = (call) => answer(call, 'chat_join_request', 'chat_join_request_query_id', () => {
  const result = text(call, 'result');
  if (!['approve', 'decline', 'queue'].includes(result)) throw badRequest('wrong result specified');
  return { result };
});

/** `ok`, and with a refusal the words for the person, which Telegram demands. */
function withError(call: Call): Record<string, unknown> {
  if (flag(call, 'ok')) return { ok: true };
  const error_message = text(call, 'error_message');
  if (error_message === '') throw badRequest('error_message is empty');
  return { ok: false, error_message };
}

function answer(call: Call, kind: QueryKind, idField: string, read: () => OpenQuery['answer']): ReturnType<Method> {
  const query = call.account.openQueries.answerable(text(call, idField), kind, call.nowMs);
  if (!query) throw badRequest(TOO_OLD);
  query.answer = read();
  call.account.signals.notify(query.id);
  return { result: true };
}
