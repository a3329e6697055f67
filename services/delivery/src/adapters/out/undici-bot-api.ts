import { Readable } from 'node:stream';
import { AppError, ErrorCode } from '@botplane/kit';
import type { Agent } from 'undici';
import type { BotApi, BotApiRequest, CallPermit } from '../../app/ports.ts';
import type { BotApiAnswer, BotApiBody } from '../../domain/outcome.ts';
import { ANSWER_BYTES_MAX, ANSWER_MS_MAX, CALL_MS_MAX, CONNECTIONS_MAX, CONNECT_MS_MAX, KEEP_ALIVE_MS, UPLOAD_MS_MAX } from '../../limits.ts';
import { exchange } from './http-exchange.ts';
import { multipart } from './multipart.ts';
import { guardedAgent } from './write-guard.ts';

/** Failures before the last byte of the request left this host. */
const NOT_SENT = new Set(['HELD_BACK', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN']);

const JSON_HEADERS = ['content-type', 'application/json'];

/** Bot API servers over kept connections. */
export class UndiciBotApi implements BotApi {
  /** Bulk calls and uploads do not take the connections of replies. */
  private readonly agents = { reply: makeAgent(), bulk: makeAgent() };
  /** To read a URL takes as long as to send a request. There are as many roots as an install allows. */
  private readonly roots = new Map<string, { origin: string; path: string }>();

  async call(target: { token: string; apiRoot: string }, { method, params, uploads, lane }: BotApiRequest, permit: CallPermit): Promise<BotApiAnswer> {
    const hasUploads = uploads.length > 0;
    const agent = lane === 'reply' && !hasUploads ? this.agents.reply : this.agents.bulk;
    try {
      const { origin, path } = this.rootOf(target.apiRoot);
      const request = {
        origin,
        path: `${path}/bot${target.token}/${method}`,
        method: 'POST' as const,
        ...(hasUploads ? uploadOf(params, uploads) : { headers: JSON_HEADERS, body: JSON.stringify(params) }),
      };
      const { status, text } = await exchange(agent, request, { mayStart: permit.mayStart, mayGoOn: permit.mayGoOn, msMax: hasUploads ? UPLOAD_MS_MAX : CALL_MS_MAX });
      return { kind: 'answer', status, body: parse(text) };
    } catch (error) {
      if (error instanceof AppError) return fileTrouble(error);
      const { code, name } = error as { code?: string; name?: string };
      // The message may hold the URL and with it the token: only the code goes on.
      return { kind: code !== undefined && NOT_SENT.has(code) ? 'unreachable' : 'no_answer', message: code ?? name ?? 'failed' };
    }
  }

  private rootOf(apiRoot: string): { origin: string; path: string } {
    let root = this.roots.get(apiRoot);
    if (root === undefined) {
      const { origin, pathname } = new URL(apiRoot);
      root = { origin, path: pathname.replace(/\/$/, '') };
      this.roots.set(apiRoot, root);
    }
    return root;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.agents.reply.destroy(), this.agents.bulk.destroy()]);
  }
}

const makeAgent = (): Agent =>
  guardedAgent({
    connections: CONNECTIONS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_MS_MAX },
    headersTimeout: ANSWER_MS_MAX,
    bodyTimeout: ANSWER_MS_MAX,
    maxResponseSize: ANSWER_BYTES_MAX,
  });

function uploadOf(params: BotApiRequest['params'], uploads: BotApiRequest['uploads']): { headers: Record<string, string>; body: Readable } {
  const { contentType, bytes, read } = multipart(params, uploads);
  return { headers: { 'content-type': contentType, 'content-length': String(bytes) }, body: Readable.from(read()) };
}

/** A request whose body ends early is none: Telegram did nothing. */
const fileTrouble = (error: AppError): BotApiAnswer => (error.code === ErrorCode.StoreUnavailable ? { kind: 'unreachable', message: error.message } : { kind: 'no_file', message: error.message });

function parse(text: string): BotApiBody | undefined {
  try {
    const body = JSON.parse(text) as BotApiBody | null;
    return typeof body === 'object' && body !== null && typeof body.ok === 'boolean' ? body : undefined;
  } catch {
    return undefined;
  }
}
