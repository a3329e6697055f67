import { Agent, errors } from 'undici';
import type { Dispatcher } from 'undici';
import type { CredentialSource, Credentials } from './credentials.ts';
import { K8sError, LocalReason } from './errors.ts';
import type { KubeStatus } from './errors.ts';
import { CONNECTIONS_MAX, CONNECT_TIMEOUT_MS, KEEP_ALIVE_MS } from './limits.ts';
import type { MetricsPort } from './ports.ts';

/** One request, already in terms of HTTP. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  accept?: string;
  contentType?: string;
  body?: unknown;
  /** Ends the request, its body included. */
  signal?: AbortSignal;
  /** The longest silence inside the answer's body; 0 is no limit. */
  silenceMsMax?: number;
}

export type HttpResponse = Dispatcher.ResponseData;

/** Sends requests over the one shared pool of connections, made anew only when the server's address or certificates change. */
export class Transport {
  private agent: Agent | undefined;
  private fingerprint = '';
  private closed = false;
  private readonly credentials: CredentialSource;
  private readonly metrics: MetricsPort;
  private readonly userAgent: string;

  constructor(credentials: CredentialSource, metrics: MetricsPort, userAgent: string) {
    this.credentials = credentials;
    this.metrics = metrics;
    this.userAgent = userAgent;
  }

  /** Returns the answer when its status is 2xx, with an unread body; throws {@link K8sError} otherwise. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const response = await this.exchange(request);
    if (response.statusCode === 401 && this.credentials.reload()) {
      await response.body.dump();
      return this.accept(request, await this.exchange(request));
    }
    return this.accept(request, response);
  }

  /** Closes the pool; requests under way are cut. */
  async close(): Promise<void> {
    this.closed = true;
    await this.agent?.destroy();
  }

  private async exchange(request: HttpRequest): Promise<HttpResponse> {
    if (this.closed) throw networkError(request, new Error('client is closed'));
    let host = '';
    const startedMs = performance.now();
    try {
      const credentials = await this.credentials.get();
      const url = new URL(credentials.server);
      host = url.host;
      const response = await this.agentFor(credentials).request(toDispatch(request, url, { ...credentials.headers, 'user-agent': this.userAgent }));
      this.metrics.increment('rest_client_requests_total', { code: String(response.statusCode), method: request.method, host });
      return response;
    } catch (error) {
      this.metrics.increment('rest_client_requests_total', { code: '<error>', method: request.method, host });
      throw networkError(request, error);
    } finally {
      this.metrics.observe('rest_client_request_duration_seconds', { verb: request.method, host }, (performance.now() - startedMs) / 1000);
    }
  }

  private async accept(request: HttpRequest, response: HttpResponse): Promise<HttpResponse> {
    if (response.statusCode >= 200 && response.statusCode < 300) return response;
    const text = await response.body.text().catch(() => '');
    throw answerError(request, response, text);
  }

  private agentFor(credentials: Credentials): Agent {
    if (this.agent && this.fingerprint === credentials.fingerprint) return this.agent;
    const previous = this.agent;
    this.agent = makeAgent(credentials);
    this.fingerprint = credentials.fingerprint;
    // Lets requests under way finish; watches on the old pool end by themselves within minutes.
    previous?.close().catch(() => undefined);
    return this.agent;
  }
}

function makeAgent(credentials: Credentials): Agent {
  return new Agent({
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    // One watch, one connection: a stalled stream must not hold up the others.
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    connect: { ...credentials.tls, timeout: CONNECT_TIMEOUT_MS, keepAlive: true },
  });
}

function toDispatch(request: HttpRequest, url: URL, headers: Record<string, string>): Dispatcher.RequestOptions {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) if (value !== undefined) query.set(name, String(value));
  const search = query.size > 0 ? `?${query.toString()}` : '';
  return {
    origin: url.origin,
    path: `${url.pathname === '/' ? '' : url.pathname}${request.path}${search}`,
    method: request.method,
    headers: {
      ...headers,
      accept: request.accept ?? 'application/json',
      ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
    },
    body: request.body === undefined ? null : JSON.stringify(request.body),
    // The caller's signal bounds the wait for headers; undici's own clock is too coarse to be a second one.
    headersTimeout: 0,
    bodyTimeout: request.silenceMsMax ?? 0,
    ...(request.signal ? { signal: request.signal } : {}),
  };
}

/** An error without an answer. An abort by the caller is passed on as it is. */
export function networkError(request: Pick<HttpRequest, 'method' | 'path' | 'signal'>, cause: unknown): unknown {
  if (cause instanceof K8sError) return cause;
  const timedOut = isTimeout(cause) || isTimeout(request.signal?.reason);
  if (request.signal?.aborted && !timedOut) return request.signal.reason;
  const reason = timedOut ? LocalReason.Timeout : LocalReason.Network;
  const { method, path } = request;
  return new K8sError(`${method} ${path}: ${describe(cause)}`, { status: 0, reason, method, path, cause });
}

function isTimeout(error: unknown): boolean {
  return (error instanceof Error && error.name === 'TimeoutError') || error instanceof errors.BodyTimeoutError || error instanceof errors.HeadersTimeoutError;
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
  return `${cause.message || cause.name}${code}`;
}

function answerError(request: HttpRequest, response: HttpResponse, text: string): K8sError {
  const status = parseStatus(text);
  const { method, path } = request;
  return new K8sError(`${method} ${path}: ${status?.message ?? `HTTP ${response.statusCode}`}`, {
    status: response.statusCode,
    reason: status?.reason || `Http${response.statusCode}`,
    retryAfterMs: retryAfterMs(response.headers['retry-after'], status),
    details: status?.details,
    method,
    path,
  });
}

function parseStatus(text: string): KubeStatus | undefined {
  try {
    const parsed = JSON.parse(text) as KubeStatus | null;
    return parsed?.kind === 'Status' ? parsed : undefined;
  } catch {
    return undefined; // A proxy in between answers with HTML or plain text.
  }
}

/** The wait a server asks for: the header in seconds, else the field of its Status body. */
export function retryAfterMs(header: string | string[] | undefined, status: KubeStatus | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  if (header !== undefined && Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  const inBody = status?.details?.retryAfterSeconds;
  return inBody !== undefined && inBody > 0 ? inBody * 1000 : undefined;
}
