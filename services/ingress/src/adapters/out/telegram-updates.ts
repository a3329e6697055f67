import type { TokenSecret } from '@botplane/contracts';
import type { Update } from '@grammyjs/types';
import { Agent, request } from 'undici';
import type { PollAnswer, PollRequest, UpdatesSource } from '../../app/ports.ts';
import { POLLERS_MAX, POLL_ANSWER_BYTES_MAX, POLL_ANSWER_MS_MAX, POLL_CONNECT_MS_MAX, POLL_UPDATES_MAX, POLL_WAIT_S, RETRY_AFTER_SECONDS } from '../../limits.ts';

interface Body {
  ok: boolean;
  result?: Update[];
  description?: string;
  parameters?: { retry_after?: number };
}

/** getUpdates over kept connections. */
export class TelegramUpdates implements UpdatesSource {
  private readonly agent = new Agent({
    connections: POLLERS_MAX,
    connect: { timeout: POLL_CONNECT_MS_MAX },
    headersTimeout: POLL_ANSWER_MS_MAX,
    bodyTimeout: POLL_ANSWER_MS_MAX,
    maxResponseSize: POLL_ANSWER_BYTES_MAX,
  });

  async poll(target: TokenSecret, { offset, allowedUpdates }: PollRequest, signal: AbortSignal): Promise<PollAnswer> {
    const params = { limit: POLL_UPDATES_MAX, timeout: POLL_WAIT_S, ...(offset === undefined ? {} : { offset }), ...(allowedUpdates === undefined ? {} : { allowed_updates: allowedUpdates }) };
    try {
      const response = await request(`${target.apiRoot}/bot${target.token}/getUpdates`, {
        method: 'POST', dispatcher: this.agent, headers: { 'content-type': 'application/json' }, body: JSON.stringify(params), signal,
      });
      return judge(response.statusCode, parse(await response.body.text()));
    } catch (error) {
      // The message may hold the URL and with it the token: only the code goes on.
      const { code, name } = error as { code?: string; name?: string };
      return { kind: 'failed', description: code ?? name ?? 'failed' };
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }
}

function judge(status: number, body: Body | undefined): PollAnswer {
  if (body?.ok === true && Array.isArray(body.result)) return { kind: 'updates', updates: body.result.map((update) => ({ updateId: update.update_id, body: Buffer.from(JSON.stringify(update)) })) };
  const description = `${status} ${body?.description ?? 'no Bot API answer'}`;
  if (status === 409) return { kind: 'conflict', description };
  if (status === 401 || status === 404) return { kind: 'refused', description };
  if (status === 429) return { kind: 'wait', forMs: (body?.parameters?.retry_after ?? RETRY_AFTER_SECONDS) * 1_000 };
  return { kind: 'failed', description };
}

function parse(text: string): Body | undefined {
  try {
    const body = JSON.parse(text) as Body | null;
    return typeof body === 'object' && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}
