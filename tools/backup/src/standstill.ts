import { setTimeout as sleep } from 'node:timers/promises';
import { STREAMS } from '@botplane/contracts';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { BackupError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { Say } from './progress.ts';
import { MOVING_STREAMS } from './stream-order.ts';

interface Paused {
  stream: string;
  consumer: string;
}

/**
 * Lets every conversation stand still while `work` runs: the server hands out no update, timer or call, and what is in hand settles first.
 * Ingress goes on taking updates; they wait in UPDATES. The pause ends by itself soon after this process does.
 * Runs `work` again when something was settled meanwhile or a partition changed hands; throws BackupError when that does not end.
 */
export async function atStandstill<T>(jsm: JetStreamManager, say: Say, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const paused: Paused[] = [];
    const extending = new AbortController();
    const extension = keepPaused(jsm, paused, extending.signal);
    try {
      await standStill(jsm, paused, say);
      const before = await fingerprint(jsm);
      const result = await work();
      if (before === (await fingerprint(jsm))) return result;
    } finally {
      extending.abort();
      await extension;
      await Promise.all(paused.map(({ stream, consumer }) => jsm.consumers.resume(stream, consumer).catch(() => undefined)));
    }
    if (attempt >= LIMITS.standstillAttemptsMax) throw new BackupError('the conversations did not stand still: partitions keep changing hands, or updates take very long. Try again when executors are stable, or stop them for the backup');
    say('  something moved meanwhile: saving once more');
  }
}

/** First what moves conversations, then, when their answers are out, what sends: so that a restore finds little to send again. */
async function standStill(jsm: JetStreamManager, paused: Paused[], say: Say): Promise<void> {
  for (const stream of MOVING_STREAMS) await pauseStream(jsm, stream, paused);
  const inWork = await falls(LIMITS.settleMs, async () => sumOf(await consumersOf(jsm, STREAMS.updates), (info) => info.num_ack_pending));
  if (inWork > 0) say(`  ${inWork} updates are still in work; they are saved as waiting`);
  const unsent = await falls(LIMITS.sendMs, async () => sumOf(await consumersOf(jsm, STREAMS.outbound), (info) => info.num_ack_pending + info.num_pending));
  if (unsent > 0) say(`  ${unsent} calls to Telegram wait; a restore sends them`);
  await pauseStream(jsm, STREAMS.outbound, paused);
}

async function consumersOf(jsm: JetStreamManager, stream: string): Promise<ConsumerInfo[]> {
  const found: ConsumerInfo[] = [];
  try {
    for await (const info of jsm.consumers.list(stream)) found.push(info);
  } catch (error) {
    if (!(error as Error).message.includes('stream not found')) throw error;
  }
  return found;
}

async function pauseStream(jsm: JetStreamManager, stream: string, paused: Paused[]): Promise<void> {
  const consumers = (await consumersOf(jsm, stream)).map(({ name }) => ({ stream, consumer: name }));
  paused.push(...consumers);
  await pause(jsm, consumers);
}

/** A consumer that is gone meanwhile has a successor, which the fingerprint finds. */
async function pause(jsm: JetStreamManager, consumers: readonly Paused[]): Promise<void> {
  const until = new Date(Date.now() + LIMITS.pauseMs);
  await Promise.all(consumers.map(({ stream, consumer }) => jsm.consumers.pause(stream, consumer, until).catch((error: Error) => {
    if (!error.message.includes('consumer not found')) throw error;
  })));
}

async function keepPaused(jsm: JetStreamManager, paused: readonly Paused[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(LIMITS.pauseExtendMs, undefined, { signal }).catch(() => undefined);
    // A pause that could not be extended shows in the fingerprint.
    if (!signal.aborted) await pause(jsm, [...paused]).catch(() => undefined);
  }
}

/** Waits until a count is 0, within bounds; returns the last one. */
async function falls(msMax: number, count: () => Promise<number>): Promise<number> {
  const deadlineMs = Date.now() + msMax;
  for (;;) {
    const left = await count();
    if (left === 0 || Date.now() > deadlineMs) return left;
    await sleep(LIMITS.settlePollMs);
  }
}

const sumOf = (consumers: readonly ConsumerInfo[], count: (info: ConsumerInfo) => number): number => consumers.reduce((sum, info) => sum + count(info), 0);

/** The same twice means that no chat moved in between. */
async function fingerprint(jsm: JetStreamManager): Promise<string> {
  const rows: string[] = [];
  for (const stream of MOVING_STREAMS) {
    for (const info of await consumersOf(jsm, stream)) rows.push(`${stream} ${info.name} ${info.paused} ${info.delivered.stream_seq} ${info.ack_floor.stream_seq} ${info.num_ack_pending}`);
  }
  return rows.sort().join('\n');
}
