import { setTimeout as sleep } from 'node:timers/promises';
import { STREAMS } from '@botplane/contracts';
import type { DlqEntry } from '@botplane/contracts';
import { OUTBOUND_PARTITIONS, UPDATE_PARTITIONS } from '@botplane/domain';
import type { Nats } from '@botplane/nats';
import { SETTLE_MS_MAX } from '../limits.ts';

const LOOK_MS = 250;

/** Resolves to true once both streams have nothing unacknowledged, every partition has an owner and no timer is armed; false when that takes too long. */
export async function untilSettled(nats: Nats, isQuiet: () => Promise<boolean>, msMax = SETTLE_MS_MAX): Promise<boolean> {
  const untilMs = Date.now() + msMax;
  while (Date.now() < untilMs) {
    if ((await isQuiet()) && (await areTimersSettled(nats)) && (await isStreamSettled(nats, STREAMS.updates, UPDATE_PARTITIONS)) && (await isStreamSettled(nats, STREAMS.outbound, OUTBOUND_PARTITIONS))) return true;
    await sleep(LOOK_MS);
  }
  return false;
}

/** What a timer causes enters UPDATES when it is due, and not before; what was handed out is removed every second. */
async function areTimersSettled({ jsm }: Nats): Promise<boolean> {
  return (await jsm.streams.info(STREAMS.timers)).state.messages === 0;
}

async function isStreamSettled({ jsm }: Nats, stream: string, partitions: number): Promise<boolean> {
  let consumers = 0;
  let open = 0;
  for await (const consumer of jsm.consumers.list(stream)) {
    consumers++;
    open += consumer.num_pending + consumer.num_ack_pending;
  }
  return consumers === partitions && open === 0;
}

/** Dead letters of these bots, oldest first. */
export async function readDeadLetters({ jsm }: Nats, botIds: ReadonlySet<string>): Promise<DlqEntry[]> {
  const { state } = await jsm.streams.info(STREAMS.dlq);
  const found: DlqEntry[] = [];
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
    const message = await jsm.direct.getMessage(STREAMS.dlq, { seq });
    const entry = message === null ? undefined : (JSON.parse(message.string()) as DlqEntry);
    if (entry !== undefined && botIds.has(entry.botId)) found.push(entry);
  }
  return found;
}
