import { STATUS_CODES } from 'node:http';
import type { Agent, request as Request } from 'undici';
import type { WebhookAnswer, WebhookClient } from '../../app/ports.ts';
import { WEBHOOK_ANSWER_BYTES_MAX, WEBHOOK_CONNECTIONS_MAX, WEBHOOK_TIMEOUT_MS } from '../../limits.ts';

/** Posts updates over connections that stay open. */
export class UndiciWebhookClient implements WebhookClient {
  private connections: Promise<Connections> | undefined;

  async post(url: string, secretToken: string | null, body: string, signal: AbortSignal): Promise<WebhookAnswer> {
    const { request, agent } = await (this.connections ??= open());
    const answer = await request(url, {
      method: 'POST', dispatcher: agent, body, signal,
      headers: {
        'content-type': 'application/json',
        ...(secretToken !== null && { 'x-telegram-bot-api-secret-token': secretToken }),
      },
    }).catch((error: unknown) => { throw inTelegramsWords(error); });
    const retryAfter = answer.headers['retry-after'];
    return {
      status: answer.statusCode,
      statusText: STATUS_CODES[answer.statusCode] ?? '',
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      body: await readStart(answer.body),
    };
  }

  async close(): Promise<void> {
    await (await this.connections)?.agent.destroy();
  }
}

interface Connections {
  request: typeof Request;
  agent: Agent;
}

/** The HTTP client is loaded for the first webhook: it would be a tenth of every start, also of those that only poll. */
async function open(): Promise<Connections> {
  const { Agent: AgentClass, request } = await import('undici');
  const agent = new AgentClass({
    connections: WEBHOOK_CONNECTIONS_MAX,
    connect: { timeout: 5_000 },
    headersTimeout: WEBHOOK_TIMEOUT_MS,
    bodyTimeout: WEBHOOK_TIMEOUT_MS,
    keepAliveTimeout: 10_000,
  });
  return { request, agent };
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused', ECONNRESET: 'Connection reset by peer', UND_ERR_SOCKET: 'Connection reset by peer',
  UND_ERR_CONNECT_TIMEOUT: 'Connection timed out', ETIMEDOUT: 'Connection timed out', UND_ERR_HEADERS_TIMEOUT: 'Read timeout expired',
  ENOTFOUND: 'Failed to resolve host: Name or service not known', EAI_AGAIN: 'Failed to resolve host: Temporary failure in name resolution',
};

/** What getWebhookInfo says about a failure below HTTP. */
function inTelegramsWords(error: unknown): Error {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return new Error(WORDS[code] ?? `Connection failed: ${message || code}`, { cause: error });
}

/** The body, or nothing when it is too long; the connection is freed in any case. */
async function readStart(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size <= WEBHOOK_ANSWER_BYTES_MAX) parts.push(part);
  }
  return size <= WEBHOOK_ANSWER_BYTES_MAX ? Buffer.concat(parts).toString('utf8') : '';
}
