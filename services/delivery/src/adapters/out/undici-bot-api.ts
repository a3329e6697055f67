import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { BotApi } from '../../app/ports.ts';
import type { BotApiAnswer, BotApiBody } from '../../domain/outcome.ts';
import { ANSWER_BYTES_MAX, ANSWER_MS_MAX, CALL_MS_MAX, CONNECTIONS_MAX, CONNECT_MS_MAX, KEEP_ALIVE_MS } from '../../limits.ts';

/** Failures before the first byte of the request left this host. */
const NOT_SENT = new Set(['NOT_STARTED', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN']);

/** Bot API servers over kept connections. */
export class UndiciBotApi implements BotApi {
  private readonly agent = new Agent({
    connections: CONNECTIONS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_MS_MAX },
    headersTimeout: ANSWER_MS_MAX,
    bodyTimeout: ANSWER_MS_MAX,
    maxResponseSize: ANSWER_BYTES_MAX,
  });

  async call(target: { token: string; apiRoot: string }, method: string, params: object, mayStart: () => boolean): Promise<BotApiAnswer> {
    try {
      const response = await request(`${target.apiRoot}/bot${target.token}/${method}`, {
        method: 'POST',
        dispatcher: this.agent.compose(startOnlyIf(mayStart)),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(params),
        signal: AbortSignal.timeout(CALL_MS_MAX),
      });
      return { kind: 'answer', status: response.statusCode, body: parse(await response.body.text()) };
    } catch (error) {
      const { code, name } = error as { code?: string; name?: string };
      // The message may hold the URL and with it the token: only the code goes on.
      return { kind: code !== undefined && NOT_SENT.has(code) ? 'unreachable' : 'no_answer', message: code ?? name ?? 'failed' };
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }
}

/** Asks once more after the wait for a connection, right before the first byte is written. */
function startOnlyIf(mayStart: () => boolean): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => (mayStart() ? handler.onRequestStart?.(controller, context) : controller.abort(new NotStartedError())),
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    });
}

class NotStartedError extends Error {
  override readonly name = 'NotStartedError';
  readonly code = 'NOT_STARTED';

  constructor() {
    super('the request was held back');
  }
}

function parse(text: string): BotApiBody | undefined {
  try {
    const body = JSON.parse(text) as BotApiBody | null;
    return typeof body === 'object' && body !== null && typeof body.ok === 'boolean' ? body : undefined;
  } catch {
    return undefined;
  }
}
