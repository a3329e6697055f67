import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Nats } from '@botplane/nats';
import { BackupError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { SavedStream } from './manifest.ts';
import { Progress, readableBytes } from './progress.ts';
import type { Say } from './progress.ts';
import { TELLING_STREAMS } from './stream-order.ts';

export interface NatsRestoreOptions {
  /** Streams that are there are removed first. */
  replace: boolean;
  /** Copies of each stream in the NATS that is restored to. */
  replicas: number;
}

interface ServerAnswer {
  deliver_subject?: string;
  state?: { last_seq: number };
  error?: { description: string };
}

/** Throws BackupError when services run, or when NATS holds conversations that were not to be replaced. Changes nothing. */
export async function checkNatsBeforeRestore(nats: Nats, { replace }: Pick<NatsRestoreOptions, 'replace'>, say: Say): Promise<void> {
  say('NATS: listening for services that still work');
  const running = await runningMembers(nats);
  if (running.length > 0) throw new BackupError(`services still work with this NATS: ${running.join(', ')}. Stop them first: kubectl scale deployment -n botplane-system --replicas=0 -l app.kubernetes.io/part-of=botplane`);
  if (replace) return;
  for (const name of TELLING_STREAMS) {
    const lastSequence = await nats.jsm.streams.info(name).then(({ state }) => state.last_seq, absent);
    if (lastSequence > 0) throw new BackupError(`NATS already holds conversations (stream ${name}): --replace removes them for those of the backup`);
  }
}

/** Makes every saved stream anew, sequence numbers included. When it fails halfway, nothing may be started before it was done again. */
export async function restoreNats(nats: Nats, folder: string, streams: readonly SavedStream[], options: NatsRestoreOptions, say: Say): Promise<void> {
  for (const stream of streams) {
    await nats.jsm.streams.delete(stream.name).catch((error: Error) => void absent(error));
    await restoreStream(nats, join(folder, stream.path), { ...stream, config: { ...stream.config, num_replicas: options.replicas } }, new Progress(say, stream.name));
    say(`  ${stream.name}: ${stream.state.messages} messages`);
  }
}

function absent(error: Error): number {
  if (error.message.includes('stream not found')) return 0;
  throw error;
}

async function restoreStream({ connection }: Nats, path: string, { name, config, state }: SavedStream, progress: Progress): Promise<void> {
  const ask = async (subject: string, content: Uint8Array | string, timeoutMs: number): Promise<ServerAnswer> => {
    const { data } = await connection.request(subject, content, { timeout: timeoutMs });
    const answer = data.length === 0 ? {} : (JSON.parse(Buffer.from(data).toString()) as ServerAnswer);
    if (answer.error) throw new BackupError(`stream ${name} cannot be restored: ${answer.error.description}`);
    return answer;
  };
  const { deliver_subject: target } = await ask(`$JS.API.STREAM.RESTORE.${name}`, JSON.stringify({ config, state }), LIMITS.requestMs);
  if (target === undefined) throw new BackupError(`stream ${name} cannot be restored: the server did not say where to send it`);
  const file = await open(path, 'r');
  try {
    const chunk = Buffer.alloc(LIMITS.snapshotChunkBytes);
    let sent = 0;
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length);
      if (bytesRead === 0) break;
      await ask(target, chunk.subarray(0, bytesRead), LIMITS.requestMs);
      progress.at(readableBytes((sent += bytesRead)));
    }
  } finally {
    await file.close();
  }
  const made = await ask(target, '', LIMITS.restoreCommitMs);
  // Records name sequences: a stream that would count on from a lower one would lose updates. A higher one had updates added while it was saved.
  if ((made.state?.last_seq ?? 0) < state.last_seq) throw new BackupError(`stream ${name} counts on from ${made.state?.last_seq} instead of ${state.last_seq}: do not start the services on it`);
}

/** Executors and deliveries that are heard. */
async function runningMembers({ connection, jsm }: Nats): Promise<string[]> {
  const members = new Set<string>();
  const heartbeats = connection.subscribe('botplane.members.*', {
    callback: (error, message) => {
      // A member that leaves says so with a mark that no name begins with.
      if (error === null && !message.string().startsWith('!')) members.add(message.string());
    },
  });
  await sleep(LIMITS.listenMs);
  heartbeats.unsubscribe();
  // Nothing heard says nothing where NATS itself is silent.
  await jsm.getAccountInfo();
  return [...members].sort();
}
