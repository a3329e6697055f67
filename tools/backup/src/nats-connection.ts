import { setTimeout as sleep } from 'node:timers/promises';
import { natsSettings } from '@botplane/kit/plain';
import type { NatsConfig } from '@botplane/kit/plain';
import { openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { TimeoutError } from '@nats-io/nats-core';
import { BackupError } from './errors.ts';
import { LIMITS } from './limits.ts';

const REMEDY = 'Look whether its servers run and have room on their disks (kubectl get pods -n botplane-system -l app.kubernetes.io/name=botplane-nats), then run it again';

/** Runs with a connection that is closed afterwards. Throws BackupError when NATS cannot be reached, or falls silent while `work` runs. */
export async function withNats<T>(config: NatsConfig, work: (nats: Nats) => Promise<T>): Promise<T> {
  const nats = await openNats({ ...natsSettings(config, 'backup'), connectMsMax: LIMITS.natsConnectMs }).catch((error: Error) => {
    throw new BackupError(`NATS of NATS_URL cannot be reached: ${error.message}. ${REMEDY}`, { cause: error });
  });
  const over = new AbortController();
  const fellSilent = closeWhenSilent(nats, over.signal);
  const broke = closeWhenCut(nats, over.signal);
  try {
    return await work(nats);
  } catch (error) {
    over.abort();
    await nats.connection.close(); // Which ends both looks.
    if (await fellSilent) throw new BackupError(`NATS of NATS_URL fell silent: nothing was heard from it for ${LIMITS.natsSilenceMs / 1_000} s. ${REMEDY}`, { cause: error });
    if (await broke) throw new BackupError(`the connection to NATS of NATS_URL broke. ${REMEDY}`, { cause: error });
    if (error instanceof TimeoutError) throw new BackupError(`NATS of NATS_URL did not answer a request in time. ${REMEDY}`, { cause: error });
    throw error;
  } finally {
    over.abort();
    await nats.connection.close();
  }
}

/**
 * A living server answers pings at any time, also while it reads a stream for minutes before it sends it. With the connection closed every wait on it
 * ends with an error. Counts pings instead of time, so that a sleep of this machine is not taken for one of the server. True when it fell silent.
 */
async function closeWhenSilent({ connection }: Nats, over: AbortSignal): Promise<boolean> {
  for (let unheard = 0; !over.aborted; unheard++) {
    if (unheard >= LIMITS.natsSilencePings) {
      await connection.close();
      return true;
    }
    // Without a connection there is nothing to be heard, either.
    connection.flush().then(() => (unheard = 0), () => undefined);
    await sleep(LIMITS.natsSilenceMs / LIMITS.natsSilencePings, undefined, { signal: over }).catch(() => undefined);
  }
  return false;
}

/** What a server was asked for before it went is never answered by the next one. True when the connection broke. */
async function closeWhenCut({ connection }: Nats, over: AbortSignal): Promise<boolean> {
  for await (const { type } of connection.status()) {
    if (over.aborted) return false;
    if (type !== 'disconnect') continue;
    await connection.close();
    return true;
  }
  return false;
}
