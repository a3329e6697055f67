import { subjects, urgentAnswerId } from '@botplane/contracts';
import type { OutboundCall } from '@botplane/contracts';
import { outboundPartition } from '@botplane/domain';
import { TRACEPARENT, publishSpan } from '@botplane/kit';
import type { Span } from '@botplane/kit';
import { JetPublisher } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import type { UrgentAnswers } from '../../app/answer-urgent.ts';
import { orTemporary } from './temporary.ts';

/** Publishes answers to queries to OUTBOUND. */
export class NatsUrgentAnswers implements UrgentAnswers {
  private readonly publisher: JetPublisher;

  constructor(nats: Nats) {
    this.publisher = new JetPublisher(nats.js);
  }

  async publish(call: OutboundCall, updateId: number, span?: Span): Promise<void> {
    const subject = subjects.outbound(call.lane, outboundPartition(call.botId), call.botId);
    const msgId = urgentAnswerId(call.botId, updateId);
    const publishing = span && publishSpan(span, { destination: 'out', subject, id: msgId });
    const options = publishing === undefined ? { msgId } : { msgId, headers: { [TRACEPARENT]: publishing.traceparent } };
    await orTemporary('nats', () => this.publisher.publish(subject, JSON.stringify(call), options));
    publishing?.end();
  }
}
