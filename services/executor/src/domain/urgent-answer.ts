import type { OutboundCall } from '@botplane/contracts';
import { parseBotId } from '@botplane/domain';
import type { Json } from '@botplane/domain';

/** One message of `urgent.<botId>`, read and checked. */
export interface UrgentQuery {
  botId: string;
  updateId: number;
  kind: string;
  /** Telegram's id of the query: whom the answer is for. */
  queryId: string;
  /** Language of the person, as Telegram knows it; empty when it does not. */
  language: string;
  acceptedMs: number;
}

interface QueryBody {
  id?: unknown;
  /** Of requests to join. */
  query_id?: unknown;
  from?: { language_code?: unknown };
}

/** Undefined for what nobody can answer. */
export function readUrgentQuery(raw: { subject: string; kind: string; updateId: string; acceptedMs: string; text: string }): UrgentQuery | undefined {
  const botId = raw.subject.slice(raw.subject.indexOf('.') + 1);
  const body = bodyOf(raw.text, raw.kind);
  if (parseBotId(botId) === undefined || !/^\d+$/.test(raw.updateId) || body === undefined) return undefined;
  const queryId = body.id ?? body.query_id;
  if (typeof queryId !== 'string') return undefined;
  const language = body.from?.language_code;
  return { botId, updateId: Number(raw.updateId), kind: raw.kind, queryId, language: typeof language === 'string' ? language : '', acceptedMs: Number(raw.acceptedMs) || 0 };
}

function bodyOf(text: string, kind: string): QueryBody | undefined {
  try {
    const body = (JSON.parse(text) as { [kind: string]: unknown } | null)?.[kind];
    return typeof body === 'object' && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Whether this kind gets an answer; a request to join is left to people. */
export const isAnswered = (kind: string): boolean => Object.hasOwn(ANSWERS, kind);

/**
 * The one call that answers a query. Nothing sells or searches yet, so payments are refused with the bot's own words, and an inline
 * query finds nothing.
 */
export function urgentAnswer(query: UrgentQuery, revision: string, errorText: string): OutboundCall {
  const answer = ANSWERS[query.kind];
  if (answer === undefined) throw new TypeError(`${query.kind} is not answered`);
  return {
    v: 1, botId: query.botId, lane: 'reply', chat: null, revision, acceptedMs: query.acceptedMs,
    // A source of its own: no other call is before it.
    source: { key: `query-${query.updateId}`, seq: query.updateId, n: 0 },
    ...answer(query.queryId, errorText),
  };
}

type Answer = Pick<OutboundCall, 'method'> & { params: { [name: string]: Json } };

const ANSWERS: { readonly [kind: string]: (id: string, errorText: string) => Answer } = {
  pre_checkout_query: (id, error_message) => ({ method: 'answerPreCheckoutQuery', params: { pre_checkout_query_id: id, ok: false, error_message } }),
  shipping_query: (id, error_message) => ({ method: 'answerShippingQuery', params: { shipping_query_id: id, ok: false, error_message } }),
  inline_query: (id) => ({ method: 'answerInlineQuery', params: { inline_query_id: id, results: [], cache_time: 0, is_personal: true } }),
};
