import { HEADERS, subjects } from '@botplane/contracts';
import { JetPublisher } from '@botplane/nats';
import type { DueTimer, Nats } from '@botplane/nats';
import { TIMER_KIND } from '../../domain/incoming-update.ts';
import type { TimerBody } from '../../domain/incoming-update.ts';

/** Turns a due timer into an update, so that it takes its place in the order of its chat. */
export class RepublishDueTimer {
  private readonly publisher: JetPublisher;

  constructor(nats: Nats) {
    this.publisher = new JetPublisher(nats.js);
  }

  /** Rejects when the update could not be stored; the timer then comes again. */
  async execute(due: DueTimer): Promise<void> {
    const body: TimerBody = { timer: { key: due.key, nonce: due.nonce } };
    await this.publisher.publish(subjects.update(due.partition, due.botId), JSON.stringify(body), {
      msgId: `t:${due.seq}`,
      headers: { [HEADERS.orderKey]: due.orderKey, [HEADERS.stateKey]: due.stateKey, [HEADERS.kind]: TIMER_KIND, [HEADERS.acceptedMs]: String(Date.now()) },
    });
  }
}
