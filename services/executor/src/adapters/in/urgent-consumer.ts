import { HEADERS, STREAMS, subjects } from '@botplane/contracts';
import { TRACEPARENT, processSpan } from '@botplane/kit';
import type { Log, Span, Tracing } from '@botplane/kit';
import { SharedQueue } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { AnswerUrgent, UrgentOutcome } from '../../app/answer-urgent.ts';
import { readUrgentQuery } from '../../domain/urgent-answer.ts';
import type { UrgentQuery } from '../../domain/urgent-answer.ts';
import { URGENT_LIMITS } from '../../limits.ts';

export interface UrgentConsumerParts {
  nats: Nats;
  answer: AnswerUrgent;
  /** Resolves once it is known who serves which bot. */
  ready: Promise<unknown>;
  count: (outcome: UrgentOutcome | 'unreadable' | 'retried') => void;
  log: Log;
  tracing?: Tracing | undefined;
}

type Message = Parameters<ConstructorParameters<typeof SharedQueue>[0]['work']>[0];

/** Takes queries from URGENT, with all other executors. They never wait behind the updates of a chat. */
export class UrgentConsumer implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly queue: SharedQueue;

  constructor(private readonly parts: UrgentConsumerParts) {
    this.queue = new SharedQueue({
      nats: parts.nats, stream: STREAMS.urgent, consumer: 'urgent-answers', filter: subjects.urgentAll, ...URGENT_LIMITS,
      work: (message) => this.settle(message),
      onError: (err) => {
        parts.count('retried');
        parts.log.warn({ err }, 'urgent queries are tried again');
      },
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.parts.ready;
    this.queue.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.queue.stop();
  }

  private async settle(message: Message): Promise<void> {
    const header = (name: string): string => message.headers?.get(name) ?? '';
    const query = readUrgentQuery({ subject: message.subject, kind: header(HEADERS.kind), updateId: header(HEADERS.updateId), acceptedMs: header(HEADERS.acceptedMs), text: message.string() });
    const { tracing } = this.parts;
    const span = tracing && processSpan(tracing, header(TRACEPARENT), { destination: 'urgent', subject: message.subject, id: String(message.seq) });
    try {
      const outcome = query === undefined ? 'unreadable' : await this.parts.answer.execute(query, span);
      this.parts.count(outcome);
      if (span && query) this.tell(span, query, outcome);
    } finally {
      span?.end();
    }
  }

  private tell(span: Span, { botId, updateId, kind }: UrgentQuery, outcome: string): void {
    span.set({ 'botplane.bot.id': botId, 'botplane.update.id': updateId, 'botplane.update.kind': kind, 'botplane.outcome': outcome });
    this.parts.log.info({ ...span.ids, botId, updateId, outcome }, 'query is settled');
  }
}
