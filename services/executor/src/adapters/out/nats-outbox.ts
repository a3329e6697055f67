import { outboxMessageId, subjects } from '@botplane/contracts';
import type { OutboundCall, OutboxEntry } from '@botplane/contracts';
import { outboundPartition } from '@botplane/domain';
import { TRACEPARENT, publishSpan } from '@botplane/kit';
import { JetPublisher, StreamFullError } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { TemporaryFailure } from '../../app/failures.ts';
import type { Crashes, Outbox } from '../../app/ports.ts';
import type { IncomingUpdate } from '../../domain/incoming-update.ts';
import { outboundCall } from '../../domain/outbox.ts';
import { orTemporary } from './temporary.ts';

/** How spans name where entries go. */
const DESTINATIONS: Readonly<Record<OutboxEntry['kind'], string>> = { call: 'out', event: 'events', message: 'messages', dlq: 'dlq.in' };

/** Publishes outbox entries to OUTBOUND, EVENTS, MESSAGES and DLQ under ids that make repeats harmless. */
export class NatsOutbox implements Outbox {
  private readonly publisher: JetPublisher;

  constructor(
    nats: Nats,
    /** A message that should have been kept found the stream full. */
    private readonly countLost: () => void,
    private readonly crashes: Crashes,
  ) {
    this.publisher = new JetPublisher(nats.js);
  }

  /** One after the other: were a later call stored and an earlier one not, delivery would take the earlier for old news. */
  async publish(update: IncomingUpdate, entries: readonly OutboxEntry[]): Promise<void> {
    for (const [n, entry] of entries.entries()) {
      if (n > 0) this.crashes.hit('between-entries');
      const [subject, body] = route(update, n, entry);
      const msgId = outboxMessageId(update.botId, update.seq, n);
      const span = update.span && publishSpan(update.span, { destination: DESTINATIONS[entry.kind], subject, id: msgId });
      if (entry.kind === 'message') await this.keep(subject, body, msgId, span?.traceparent);
      else await this.send(subject, body, msgId, span?.traceparent);
      span?.end();
    }
  }

  async answer(call: OutboundCall, traceparent?: string): Promise<void> {
    await this.send(subjects.outbound(call.lane, outboundPartition(call.botId), call.botId), call, `${call.botId}:${call.source.seq}:press`, traceparent);
  }

  /** Postgres that is away for long must not hold updates up. */
  private async keep(subject: string, body: unknown, msgId: string, traceparent: string | undefined): Promise<void> {
    try {
      await this.send(subject, body, msgId, traceparent);
    } catch (error) {
      if (!(error instanceof TemporaryFailure) || !(error.cause instanceof StreamFullError)) throw error;
      this.countLost();
    }
  }

  private async send(subject: string, body: unknown, msgId: string, traceparent: string | undefined): Promise<void> {
    const options = traceparent === undefined ? { msgId } : { msgId, headers: { [TRACEPARENT]: traceparent } };
    await orTemporary('nats', () => this.publisher.publish(subject, JSON.stringify(body), options));
  }
}

function route(update: IncomingUpdate, n: number, entry: OutboxEntry): [subject: string, body: unknown] {
  switch (entry.kind) {
    case 'call':
      return [subjects.outbound(entry.call.lane, outboundPartition(update.botId), update.botId), outboundCall(update, update.seq, n, entry.call)];
    case 'event':
      return [subjects.event(entry.name), entry.data];
    case 'message':
      return [subjects.messages(update.botId), entry.message];
    case 'dlq':
      return [subjects.dlqIn(update.botId), entry.entry];
    default:
      return assertNever(entry);
  }
}

function assertNever(entry: never): never {
  throw new TypeError(`unknown outbox entry ${JSON.stringify(entry)}`);
}
