import { HEADERS, subjects } from '@botplane/contracts';
import { TRACEPARENT, publishSpan } from '@botplane/kit';
import type { Tracing } from '@botplane/kit';
import { JetPublisher } from '@botplane/nats';
import type { DueTimer, Nats } from '@botplane/nats';
import { TIMER_KIND } from '../../domain/incoming-update.ts';
import type { TimerBody } from '../../domain/incoming-update.ts';

/** Turns a due timer into an update, so that it takes its place in the order of its chat. */
export class RepublishDueTimer {
  private readonly publisher: JetPublisher;

  constructor(nats: Nats, private readonly tracing?: Tracing) {
    this.publisher = new JetPublisher(nats.js);
  }

  /** Rejects when the update could not be stored; the timer then comes again. */
  async execute(due: DueTimer): Promise<void> {
    const body: TimerBody = { timer: { key: due.key, nonce: due.nonce } };
    const subject = subjects.update(due.partition, due.botId);
    const msgId = `t:${due.seq}`;
    const headers: { [name: string]: string } = { [HEADERS.orderKey]: due.orderKey, [HEADERS.stateKey]: due.stateKey, [HEADERS.kind]: TIMER_KIND, [HEADERS.acceptedMs]: String(Date.now()) };
    // Nobody waits for a timer any more who set it: it begins a trace of its own.
    const span = this.tracing?.begin('timer is due', 'internal', { 'botplane.bot.id': due.botId, 'botplane.update.kind': TIMER_KIND });
    const publishing = span && publishSpan(span, { destination: 'updates', subject, id: msgId });
    if (publishing !== undefined) headers[TRACEPARENT] = publishing.traceparent;
    try {
      await this.publisher.publish(subject, JSON.stringify(body), { msgId, headers });
      publishing?.end();
    } finally {
      span?.end();
    }
  }
}
