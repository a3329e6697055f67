import type { ApiCallRequest, ApiCallResult } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import type { ApiCallProgram } from '../program/program.ts';
import { LIMITS } from '../schema/limits.ts';
import { NeedsApiCall, StepFailure } from './failure.ts';
import { toJson } from './json.ts';
import type { JsonObject } from './json.ts';
import { fill, percentEncode, plainText, renderString, renderValue } from './render.ts';
import type { Session } from './session.ts';

/**
 * Runs an apiCall. The first time its result is not there yet: the run unwinds, the executor performs the call, and the update is run
 * again from its beginning with the results so far. A run is pure, so it comes to this step in the same way.
 */
export function runApiCall(step: ApiCallProgram & { id?: string }, path: string, flow: string, session: Session): void {
  const call = requestOf(step, path, session);
  if (session.apiCalls >= LIMITS.apiCallsPerUpdateMax) throw new StepFailure('api_calls_exceeded');
  const result = session.results[session.apiCalls];
  session.apiCalls += 1;
  if (result === undefined) throw new NeedsApiCall(call);
  const detail = { flow, step: step.id ?? path };
  try {
    store(step, result, session);
    session.emit('api_ok', detail);
  } catch (error) {
    session.emit('api_error', { ...detail, code: error instanceof StepFailure ? error.code : 'failed' });
    throw error;
  }
}

function requestOf(step: ApiCallProgram, path: string, session: Session): ApiCallRequest {
  const visit = (session.visits.get(path) ?? 0) + 1;
  session.visits.set(path, visit);
  const body = step.json === undefined ? undefined : JSON.stringify(renderValue(step.json, session));
  const headers = Object.fromEntries(Object.entries(step.headers).map(([name, template]) => [name, fill(template, session, {}, (value) => headerText(plainText(value, session)))]));
  const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    stepPath: path,
    visit,
    method: step.method,
    url: withQuery(renderString(step.url, session), step, session),
    headers: body === undefined || typed ? headers : { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
    timeoutMs: step.timeoutMs,
    retries: step.retries,
    backoffMs: step.backoffMs,
  };
}

/** What is substituted can neither end the line nor begin a {{secret.…}} that the executor would fill in. */
function headerText(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').replace(/[{}]|[^\x20-\x7e]+/g, percentEncode);
}

function withQuery(url: string, step: ApiCallProgram, session: Session): string {
  const pairs = Object.entries(step.query).flatMap(([name, value]) => {
    const rendered = renderValue(value, session);
    return rendered === null ? [] : [`${percentEncode(name)}=${percentEncode(plainText(rendered, session))}`];
  });
  if (pairs.length === 0) return url;
  const [base = '', fragment] = url.split('#', 2);
  const joiner = base.includes('?') ? (/[?&]$/.test(base) ? '' : '&') : '?';
  return `${base}${joiner}${pairs.join('&')}${fragment === undefined ? '' : `#${fragment}`}`;
}

function store(step: ApiCallProgram, result: ApiCallResult, session: Session): void {
  if (!result.ok) throw new StepFailure(result.code, { status: result.status });
  if (result.status < 200 || result.status > 299) throw new StepFailure('status', { status: result.status });
  const changes: { [key: string]: Json } = {};
  if (step.save !== undefined) changes[step.save] = result.body;
  const response: JsonObject = { status: result.status, headers: result.headers, body: result.body };
  for (const [key, source] of Object.entries(step.map)) {
    const value = toJson(session.evaluate(source, { response }, 'map'));
    if (value === undefined) throw new StepFailure('type_mismatch', { status: result.status });
    changes[key] = value;
  }
  session.save(changes);
}
