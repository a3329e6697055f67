import type { Nats } from '@botplane/nats';
import { createInbox } from '@nats-io/nats-core';
import type { Msg } from '@nats-io/nats-core';
import type { BackupFolder, FileInMaking } from './backup-folder.ts';
import { BackupError } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { SavedStream } from './manifest.ts';
import { Progress, readableBytes } from './progress.ts';
import type { Say } from './progress.ts';
import { atStandstill } from './standstill.ts';
import { SAVED_STREAMS } from './stream-order.ts';

interface SnapshotAnswer {
  config: SavedStream['config'];
  state: SavedStream['state'];
  error?: { err_code: number; description: string };
}

const STREAM_NOT_FOUND = 10059;

/** Saves every stream and bucket as of one moment; `takenAt` is that moment. */
export async function backupNats(nats: Nats, folder: BackupFolder, say: Say): Promise<{ streams: SavedStream[]; takenAt: string }> {
  return atStandstill(nats.jsm, say, async () => {
    await folder.discard('nats');
    const takenAt = new Date().toISOString();
    const streams: SavedStream[] = [];
    for (const name of SAVED_STREAMS) {
      const saved = await saveStream(nats, folder, name, `nats/${name}.snapshot`, say);
      if (saved !== undefined) streams.push(saved);
    }
    if (streams.length === 0) throw new BackupError('NATS has no stream of an install: check NATS_URL and the account');
    return { streams, takenAt };
  });
}

async function saveStream(nats: Nats, folder: BackupFolder, name: string, path: string, say: Say): Promise<SavedStream | undefined> {
  let answer: SnapshotAnswer | undefined;
  try {
    const bytes = await folder.write(path, async (file) => {
      answer = await snapshot(nats, name, file, new Progress(say, name));
    });
    if (answer === undefined) throw new BackupError(`stream ${name} was not saved`);
    say(`  ${name}: ${answer.state.messages} messages, ${readableBytes(bytes)}`);
    return { name, path, config: answer.config, state: answer.state };
  } catch (error) {
    if (!(error instanceof StreamMissing)) throw error;
    say(`  ${name}: not there`);
    return undefined;
  }
}

class StreamMissing extends Error {
  override readonly name = 'StreamMissing';
}

/** The server's own snapshot: it sends pieces to an inbox and waits for an answer to each before it sends many more. */
async function snapshot({ connection }: Nats, stream: string, file: FileInMaking, progress: Progress): Promise<SnapshotAnswer> {
  const inbox = createInbox();
  const pieces = connection.subscribe(inbox);
  try {
    const request = { deliver_subject: inbox, no_consumers: true, jsck: true, chunk_size: LIMITS.snapshotChunkBytes };
    const answer = (await connection.request(`$JS.API.STREAM.SNAPSHOT.${stream}`, JSON.stringify(request), { timeout: LIMITS.snapshotCheckMs })).json<SnapshotAnswer>();
    if (answer.error?.err_code === STREAM_NOT_FOUND) throw new StreamMissing(stream);
    if (answer.error) throw new BackupError(`stream ${stream} cannot be saved: ${answer.error.description}`);
    const iterator = pieces[Symbol.asyncIterator]();
    for (;;) {
      const piece = await withinSilence(iterator.next(), stream);
      if (piece.headers !== undefined && piece.headers.code >= 400) throw new BackupError(`stream ${stream} cannot be saved: the server ended with ${piece.headers.code} ${piece.headers.description}`);
      if (piece.data.length === 0) return answer;
      await file.write(piece.data);
      piece.respond();
      progress.at(readableBytes(file.size));
    }
  } finally {
    pieces.unsubscribe();
  }
}

async function withinSilence(next: Promise<IteratorResult<Msg>>, stream: string): Promise<Msg> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new BackupError(`stream ${stream} cannot be saved: NATS sent nothing of it for ${LIMITS.snapshotSilenceMs / 1_000} s`)), LIMITS.snapshotSilenceMs);
  });
  try {
    const { done, value } = await Promise.race([next, silence]);
    if (done === true) throw new BackupError(`stream ${stream} cannot be saved: the connection to NATS was closed`);
    return value;
  } finally {
    clearTimeout(timer);
  }
}
