import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiCallRequest, ApiCallResult } from '@botplane/contracts';
import type { Json } from '@botplane/domain';
import type { Span } from '@botplane/kit';
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Egress, EgressContext } from '../../app/ports.ts';
import type { EgressRoute } from '../../config.ts';
import { attemptMs, backoffMs } from '../../domain/attempts.ts';
import { allowedTarget, fillHeaders } from '../../domain/egress-rules.ts';
import { LIMITS } from '../../limits.ts';
import { DeniedAddressError, guardedLookup } from './guarded-lookup.ts';

type Failure = Extract<ApiCallResult, { ok: false }>;

interface Hop {
  url: string;
  method: ApiCallRequest['method'];
  headers: { [name: string]: string };
  body: string | undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const denied: Failure = { ok: false, code: 'denied' };

/** Outgoing HTTP behind the egress guard (design section 5). */
export class HttpEgress implements Egress {
  private readonly public: Dispatcher;
  private readonly routes = new Map<string, { origin: string; dispatcher: Dispatcher }>();

  constructor(routes: readonly EgressRoute[], lookup = guardedLookup()) {
    this.public = makeAgent({ lookup });
    // What the owner of the install maps is trusted: no address check, but the name stays the one that TLS must prove.
    for (const { host, to } of routes) this.routes.set(host, { origin: to, dispatcher: makeAgent({ servername: host.split(':')[0] ?? host }) });
  }

  async perform(call: ApiCallRequest, context: EgressContext): Promise<ApiCallResult> {
    const filled = fillHeaders(call.headers, context.secrets);
    if (filled === undefined) return denied;
    const headers = { accept: 'application/json', ...(call.body === undefined ? {} : { 'content-type': 'application/json' }), ...filled.headers, 'idempotency-key': context.idempotencyKey };
    const attempts = Math.min(1 + Math.trunc(call.retries), LIMITS.apiAttemptsMax);
    for (let attempt = 1; ; attempt++) {
      const span = context.span?.child(call.method, 'client', { 'http.request.method': call.method, 'server.address': hostOf(call.url), 'http.request.resend_count': attempt - 1 });
      const result = await this.attempt({ url: call.url, method: call.method, headers, body: call.body }, call, { ...context, secretNames: filled.secretNames });
      if (span !== undefined) endSpan(span, result);
      if (result.ok || !isWorthAnother(result) || attempt >= attempts || context.stop?.aborted === true) return result;
      await sleep(backoffMs(call.backoffMs, attempt, Math.random()));
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.public, ...[...this.routes.values()].map(({ dispatcher }) => dispatcher)].map((dispatcher) => dispatcher.destroy()));
  }

  /** One attempt with its redirects, all within one timeout. */
  private async attempt(first: Hop, call: ApiCallRequest, context: EgressContext & { secretNames: string[] }): Promise<ApiCallResult> {
    const timeout = AbortSignal.timeout(attemptMs(call.timeoutMs, Math.random()));
    const signal = context.stop === undefined ? timeout : AbortSignal.any([timeout, context.stop]);
    let hop = first;
    try {
      for (let redirects = 0; ; redirects++) {
        const response = await this.send(hop, context.allowDomains, signal);
        if (response === undefined) return denied;
        const location = response.headers['location'];
        if (!REDIRECTS.has(response.statusCode) || typeof location !== 'string') return await readResponse(response, hop.method, context.responseBytesMax);
        await response.body.dump({ limit: 1_024, signal }).catch(() => undefined);
        const next = redirects < LIMITS.apiRedirectsMax ? redirected(hop, response.statusCode, location, context.secretNames) : undefined;
        if (next === undefined) return denied;
        hop = next;
      }
    } catch (error) {
      return toFailure(error, signal);
    }
  }

  private async send(hop: Hop, allowDomains: readonly string[], signal: AbortSignal): Promise<Dispatcher.ResponseData | undefined> {
    const target = allowedTarget(hop.url, allowDomains);
    if (target === undefined) return undefined;
    const url = new URL(hop.url);
    const route = this.routes.get(`${target.host}:${target.port}`) ?? (target.port === 443 ? this.routes.get(target.host) : undefined);
    const address = route === undefined ? url.href : new URL(url.pathname + url.search, route.origin).href;
    const headers = route === undefined ? hop.headers : { ...hop.headers, host: url.host };
    return request(address, { dispatcher: route?.dispatcher ?? this.public, method: hop.method, headers, body: hop.body ?? null, signal });
  }
}

/** Of an address only the host: what follows it may be about a person. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');

function endSpan(span: Span, result: ApiCallResult): void {
  if (result.status !== undefined) span.set({ 'http.response.status_code': result.status });
  if (!result.ok) span.fail(result.code);
  span.end();
}

function makeAgent(connect: { lookup: ReturnType<typeof guardedLookup> } | { servername: string }): Dispatcher {
  return new Agent({
    connect: { ...connect, timeout: LIMITS.apiAttemptMsMax } as NonNullable<Agent.Options['connect']>,
    connections: LIMITS.apiConnectionsPerHostMax,
    maxHeaderSize: LIMITS.apiHeaderBytesMax,
    headersTimeout: LIMITS.apiAttemptMsMax,
    bodyTimeout: LIMITS.apiAttemptMsMax,
    allowH2: false,
  });
}

/** The next hop of a redirect; undefined when its address is none. */
function redirected(hop: Hop, statusCode: number, location: string, secretNames: readonly string[]): Hop | undefined {
  if (!URL.canParse(location, hop.url)) return undefined;
  const url = new URL(location, hop.url);
  const keepsMethod = statusCode === 307 || statusCode === 308 || hop.method === 'GET' || hop.method === 'HEAD';
  const isSameOrigin = url.origin === new URL(hop.url).origin;
  // Secrets were meant for the host that the author wrote.
  const drop = new Set([...(isSameOrigin ? [] : [...secretNames, 'authorization', 'cookie']), ...(keepsMethod ? [] : ['content-type'])]);
  const headers = Object.fromEntries(Object.entries(hop.headers).filter(([name]) => !drop.has(name)));
  return { url: url.href, method: keepsMethod ? hop.method : 'GET', headers, body: keepsMethod ? hop.body : undefined };
}

async function readResponse(response: Dispatcher.ResponseData, method: string, bytesMax: number): Promise<ApiCallResult> {
  const { statusCode: status } = response;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) return { ok: false, code: 'too_large', status };
    chunks.push(chunk);
  }
  if (status < 200 || status > 299) return { ok: false, code: 'status', status };
  const text = method === 'HEAD' ? '' : Buffer.concat(chunks).toString('utf8');
  try {
    return { ok: true, status, headers: plainHeaders(response.headers), body: text === '' ? null : (JSON.parse(text) as Json) };
  } catch {
    return { ok: false, code: 'not_json', status };
  }
}

function plainHeaders(headers: Dispatcher.ResponseData['headers']): { [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]])));
}

function toFailure(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { ok: false, code: 'timeout' };
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) if (cause instanceof DeniedAddressError) return denied;
  return { ok: false, code: 'network' };
}

function isWorthAnother(failure: Failure): boolean {
  if (failure.code === 'timeout' || failure.code === 'network') return true;
  return failure.code === 'status' && (failure.status === 429 || (failure.status ?? 0) >= 500);
}
