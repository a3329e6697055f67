import { plausibleValue } from '../../domain/plausible.ts';
import { parseReplyMarkup } from '../../domain/reply-markup.ts';
import type { SchemaMethod } from '../../domain/schema.ts';
import type { Method } from './params.ts';
import { isObject, json } from './params.ts';
import { knownChat } from './targets.ts';

/**
 * A method whose effects nobody here would see: its parameters are checked, its chat must be known, and the answer has the
 * shape that the schema demands, with the values of the call where names agree.
 */
export const plausible = (method: SchemaMethod): Method => {
  const needsChat = method.params.some(({ name, isRequired }) => name === 'chat_id' && isRequired);
  return (call) => {
    if (needsChat) knownChat(call);
    parseReplyMarkup(call.params['reply_markup']);
    const results = json(call, 'result');
    const params = isObject(results) ? { ...call.params, ...results } : call.params;
    return { result: plausibleValue(method.result, { params, nowMs: call.nowMs }) };
  };
};
