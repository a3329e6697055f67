import { Agent, request } from 'undici';
import type { WebhookAnswer, WebhookClient } from '../../app/ports.ts';
import { WEBHOOK_ANSWER_BYTES_MAX, WEBHOOK_CONNECTIONS_MAX, WEBHOOK_TIMEOUT_MS } from '../../limits.ts';

/** Posts updates over connections that stay open. */
export class UndiciWebhookClient implements WebhookClient {
  private readonly agent = new Agent({
    connections: WEBHOOK_CONNECTIONS_MAX,
    connect: { timeout: 5_000 },
    headersTimeout: WEBHOOK_TIMEOUT_MS,
    bodyTimeout: WEBHOOK_TIMEOUT_MS,
    keepAliveTimeout: 10_000,
  });

  async post(url: string, secretToken: string | null, body: string, signal: AbortSignal): Promise<WebhookAnswer> {
    const answer = await request(url, {
      method: 'POST', dispatcher: this.agent, body, signal,
      headers: {
        'content-type': 'application/json',
        ...(secretToken !== null && { 'x-telegram-bot-api-secret-token': secretToken }),
      },
    });
    const retryAfter = answer.headers['retry-after'];
    return {
      status: answer.statusCode,
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      body: await readStart(answer.body),
    };
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
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
