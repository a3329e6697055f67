import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { CONNECT_MS_MAX, CONNECT_RETRY_MS } from './limits.ts';

/** Failures that waiting may mend: nobody listens yet, the name is not known yet, the server starts or stops. */
const PASSING_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN', '57P01', '57P03']);

/** Returns once the database takes connections; throws the last failure after `msMax`, and at once when waiting cannot help (a wrong password). */
export async function waitForServer(url: string, msMax: number): Promise<void> {
  const deadlineMs = Date.now() + msMax;
  for (;;) {
    try {
      await connectOnce(url);
      return;
    } catch (error) {
      if (!isPassing(error) || Date.now() >= deadlineMs) throw error;
      await sleep(CONNECT_RETRY_MS);
    }
  }
}

async function connectOnce(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS_MAX });
  client.on('error', () => undefined); // The failed connect reports it.
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

function isPassing(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return PASSING_CODES.has(code);
  // The driver's own words for a server that went away or was too slow.
  return typeof message === 'string' && /timeout|terminated/i.test(message);
}
