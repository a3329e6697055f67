import { setTimeout as sleep } from 'node:timers/promises';
import { BUCKETS, STREAMS, subjects } from '@botplane/contracts';
import { UPDATE_PARTITIONS } from '@botplane/domain';
import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { isNameInUse } from './errors.ts';
import { LIMITS } from './limits.ts';
import { TypedBucket } from './typed-bucket.ts';

export interface TopologySettings {
  /** Copies of every stream; 1, 3 or 5. Default 1. */
  replicas?: number;
  /** Room for updates that wait, in bytes. Default 1 GiB. When it is full, ingress answers 503 and Telegram keeps the updates. */
  updatesBytesMax?: number;
  /** Room for calls to Telegram that wait, in bytes. Default 1 GiB. When it is full, executors wait. */
  outboundBytesMax?: number;
  /** Room for kept messages that wait for Postgres, in bytes. Default 1 GiB. When it is full, further ones are lost and counted; bots go on. */
  messagesBytesMax?: number;
}

const GIB = 1024 ** 3;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Telegram itself drops checkout and shipping queries after this. */
const URGENT_AGE_MS_MAX = 150_000;

type Wanted = Partial<StreamConfig> & { name: string; subjects: string[] };

/** Streams as design section 4 wants them. */
export function streamConfigs(settings: TopologySettings = {}): Wanted[] {
  const base = { retention: RetentionPolicy.Limits, storage: StorageType.File, num_replicas: settings.replicas ?? 1, allow_direct: true };
  const window = nanos(5 * MINUTE_MS);
  return [
    {
      ...base, name: STREAMS.updates, subjects: ['updates.>'], duplicate_window: window,
      // A full stream refuses the new update, so that Telegram keeps it; one bot's flood fills only its own subjects.
      discard: DiscardPolicy.New, discard_new_per_subject: true, max_msgs_per_subject: 1_000, max_bytes: settings.updatesBytesMax ?? GIB,
    },
    {
      // What was answered is gone, and what nobody answered in time is of no use to anybody. The server wants the window within the age.
      ...base, name: STREAMS.urgent, subjects: [subjects.urgentAll], retention: RetentionPolicy.Workqueue, max_age: nanos(URGENT_AGE_MS_MAX), duplicate_window: nanos(URGENT_AGE_MS_MAX),
      discard: DiscardPolicy.New, discard_new_per_subject: true, max_msgs_per_subject: 1_000, max_bytes: GIB / 16,
    },
    { ...base, name: STREAMS.outbound, subjects: ['out.>'], duplicate_window: window, discard: DiscardPolicy.New, max_bytes: settings.outboundBytesMax ?? GIB },
    // Neither age nor size: a schedule that ages out never fires. The server refuses schedules together with discard new.
    { ...base, name: STREAMS.timers, subjects: ['timers.>'], duplicate_window: window, discard: DiscardPolicy.Old, allow_msg_schedules: true },
    { ...base, name: STREAMS.events, subjects: ['events.>'], duplicate_window: window, discard: DiscardPolicy.Old, max_age: nanos(7 * 24 * HOUR_MS), max_bytes: GIB / 4 },
    // Refuses what it cannot hold, so that whoever publishes knows what is lost, and counts it; it must never hold an update up.
    {
      ...base, name: STREAMS.messages, subjects: [subjects.messagesAll], retention: RetentionPolicy.Workqueue, duplicate_window: window,
      discard: DiscardPolicy.New, max_age: nanos(7 * 24 * HOUR_MS), max_bytes: settings.messagesBytesMax ?? GIB,
    },
    // Bounded per bot: the oldest dead letters of a bot that fails without end make room for its newest.
    { ...base, name: STREAMS.dlq, subjects: ['dlq.>'], duplicate_window: window, discard: DiscardPolicy.Old, max_msgs_per_subject: 10_000 },
  ];
}

/** KV buckets as streams, in the layout that every NATS client understands. */
export function bucketConfigs(settings: TopologySettings = {}): Wanted[] {
  return Object.values(BUCKETS).map((bucket) => ({
    name: `KV_${bucket}`, subjects: [`$KV.${bucket}.>`], retention: RetentionPolicy.Limits, storage: StorageType.File,
    num_replicas: settings.replicas ?? 1, max_msgs_per_subject: 1, discard: DiscardPolicy.New, allow_rollup_hdrs: true, deny_delete: true,
    allow_direct: true, duplicate_window: nanos(2 * MINUTE_MS), ...BUCKET_EXTRAS[bucket],
  }));
}

/** Per-message TTL lets a record go some days after its state is empty. */
const BUCKET_EXTRAS: { [bucket: string]: Partial<StreamConfig> } = {
  [BUCKETS.calls]: { max_age: nanos(HOUR_MS) },
  [BUCKETS.chatState]: { allow_msg_ttl: true },
};

/**
 * Creates or updates every stream and bucket, and writes the number of partitions once.
 * Idempotent, and safe when several services start at once. Throws when the install was made with another number of partitions.
 */
export async function ensureTopology(jsm: JetStreamManager, settings: TopologySettings = {}): Promise<void> {
  for (const wanted of [...streamConfigs(settings), ...bucketConfigs(settings)]) await ensureStream(jsm, wanted);
  await ensurePartitions(jsm);
}

async function ensureStream(jsm: JetStreamManager, wanted: Wanted): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const current = await findConfig(jsm, wanted.name);
      if (current === undefined) await jsm.streams.add(wanted);
      else if (differs(current, wanted)) await jsm.streams.update(wanted.name, wanted);
      return;
    } catch (error) {
      // Another service was faster (maybe with an older configuration), or JetStream is still starting: look again.
      if (attempt >= LIMITS.topologyAttemptsMax) throw new Error(`stream ${wanted.name} cannot be made: ${(error as Error).message}`, { cause: error });
      await sleep(isNameInUse(error) ? 10 : LIMITS.topologyPauseMs);
    }
  }
}

async function findConfig(jsm: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await jsm.streams.info(name)).config;
  } catch (error) {
    if ((error as Error).message.includes('stream not found')) return undefined;
    throw error;
  }
}

function differs(current: StreamConfig, wanted: Wanted): boolean {
  return Object.entries(wanted).some(([key, value]) => JSON.stringify(current[key as keyof StreamConfig]) !== JSON.stringify(value));
}

async function ensurePartitions(jsm: JetStreamManager): Promise<void> {
  const meta = new TypedBucket<number>(jsm, BUCKETS.meta);
  const made = await meta.create('partitions', UPDATE_PARTITIONS);
  if (made !== 'conflict') return;
  const stored = (await meta.get('partitions'))?.value;
  if (stored !== UPDATE_PARTITIONS) throw new Error(`this install has ${stored} partitions, but this version works with ${UPDATE_PARTITIONS}: the number can never change`);
}
