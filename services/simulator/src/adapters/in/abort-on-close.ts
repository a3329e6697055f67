import type { ServerResponse } from 'node:http';

/** A signal for one request: raised when its caller is gone or the simulator stops. */
export function abortOnClose(raw: ServerResponse, stopping: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  raw.once('close', () => {
    stopping.removeEventListener('abort', abort);
    abort();
  });
  if (stopping.aborted || raw.destroyed) abort();
  else stopping.addEventListener('abort', abort, { once: true });
  return controller.signal;
}
