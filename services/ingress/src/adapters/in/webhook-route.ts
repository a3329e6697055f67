import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TRACEPARENT } from '@botplane/kit';
import type { Span, Tracing } from '@botplane/kit';
import type { BeforeApplicationShutdown, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { AcceptUpdate, Answer } from '../../app/accept-update.ts';
import type { Admission } from '../../domain/admission.ts';
import { DRAIN_MS_MAX, RETRY_AFTER_RATE_SECONDS, RETRY_AFTER_SECONDS, RETRY_AFTER_SUSPENDED_SECONDS, UPDATE_BYTES_MAX } from '../../limits.ts';
import type { SourceAddresses } from './source-addresses.ts';

type Reason = (Answer & { kind: 'refused' })['reason'];
type WebhookRequest = FastifyRequest<{ Params: { botId: string }; Body: Buffer | undefined }> & { admission?: Admission & { kind: 'admitted' } };

const STATUS: Readonly<Record<Reason, number>> = {
  source_refused: 403,
  rate_limited: 503,
  bot_overloaded: 503,
  unknown_bot: 404,
  routes_not_synced: 503,
  deleted: 410,
  suspended: 503,
  secret_missing: 401,
  secret_wrong: 401,
  not_an_update: 400,
  overloaded: 503,
  store_full: 503,
  store_unavailable: 503,
  shutting_down: 503,
};

const RETRY_AFTER: Readonly<Partial<Record<Reason, number>>> = { suspended: RETRY_AFTER_SUSPENDED_SECONDS, rate_limited: RETRY_AFTER_RATE_SECONDS };

/**
 * `POST /wh/:botId`. A plain Fastify route, since every update passes here: the sender is checked before its body is read,
 * and the body is stored as it came.
 */
export class WebhookRoute implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly adapterHost: HttpAdapterHost;
  private readonly acceptUpdate: AcceptUpdate;
  private readonly sources: SourceAddresses;
  private readonly tracing: Tracing | undefined;

  constructor(adapterHost: HttpAdapterHost, acceptUpdate: AcceptUpdate, sources: SourceAddresses, tracing?: Tracing) {
    this.adapterHost = adapterHost;
    this.acceptUpdate = acceptUpdate;
    this.sources = sources;
    this.tracing = tracing;
  }

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    void server.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: UPDATE_BYTES_MAX }, (_request, body, parsed) => parsed(null, body));
      scope.post('/wh/:botId', {
        bodyLimit: UPDATE_BYTES_MAX,
        onRequest: (request, reply, next) => this.admit(request as WebhookRequest, reply, next),
        handler: (request, reply) => this.store(request as WebhookRequest, reply),
      });
      done();
    });
  }

  onModuleDestroy(): void {
    this.acceptUpdate.drain();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const untilMs = performance.now() + DRAIN_MS_MAX;
    while (this.acceptUpdate.inFlight > 0 && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  private admit(request: WebhookRequest, reply: FastifyReply, next: () => void): void {
    const secret = request.headers['x-telegram-bot-api-secret-token'];
    const forwardedFor = request.headers['x-forwarded-for'];
    const isSourceAllowed = this.sources.allows(request.socket.remoteAddress, Array.isArray(forwardedFor) ? forwardedFor.join(',') : forwardedFor);
    const admission = this.acceptUpdate.admit(request.params.botId, typeof secret === 'string' ? secret : undefined, isSourceAllowed);
    if (admission.kind === 'refused') return void refuse(reply, admission.reason);
    request.admission = admission;
    next();
  }

  private async store(request: WebhookRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (!request.admission) throw new Error('a request came past admission');
    const span = this.tracing && beginSpan(this.tracing, request);
    const answer = await this.acceptUpdate.store(request.admission, request.body ?? Buffer.alloc(0), span);
    if (span !== undefined) endSpan(span, answer);
    // Without a body: Telegram would take one for a method call.
    return answer.kind === 'accepted' ? reply.status(200).send() : refuse(reply, answer.reason);
  }
}

/** Of a sender who knows the secret: its word on what is recorded counts. */
function beginSpan(tracing: Tracing, request: WebhookRequest): Span | undefined {
  const parent = request.headers[TRACEPARENT];
  const attributes = { 'http.request.method': 'POST', 'http.route': '/wh/:botId', 'url.scheme': request.protocol, 'botplane.bot.id': request.params.botId };
  return tracing.begin('POST /wh/:botId', 'server', attributes, typeof parent === 'string' ? parent : undefined);
}

function endSpan(span: Span, answer: Answer): void {
  span.set({ 'http.response.status_code': answer.kind === 'accepted' ? 200 : STATUS[answer.reason] });
  if (answer.kind === 'refused') span.fail(answer.reason);
  span.end();
}

function refuse(reply: FastifyReply, reason: Reason): FastifyReply {
  const status = STATUS[reason];
  if (status === 503) reply.header('retry-after', RETRY_AFTER[reason] ?? RETRY_AFTER_SECONDS);
  return reply.status(status).send({ error: { code: reason } });
}
