import { subjects, urgentAnswerId } from '@botplane/contracts';
import type { OutboundCall } from '@botplane/contracts';
import { outboundPartition } from '@botplane/domain';
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

  async publish(call: OutboundCall, updateId: number): Promise<void> {
    const subject = subjects.outbound(call.lane, outboundPartition(call.botId), call.botId);
    await orTemporary('nats', () => this.publisher.publish(subject, JSON.stringify(call), { msgId: urgentAnswerId(call.botId, updateId) }));
  }
}
