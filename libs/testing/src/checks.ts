import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { READY_CHECK_TIMEOUT_MS, READY_POLL_MS } from './limits.ts';

/** True when something accepts TCP connections there. */
export function tcpAnswers(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(READY_CHECK_TIMEOUT_MS, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

/** True when a GET answers 2xx. The certificate of an https URL is not checked: it is a liveness question. */
export function httpAnswers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { timeout: READY_CHECK_TIMEOUT_MS, agent: false as const };
    const onResponse = (response: { statusCode?: number | undefined; resume(): void }): void => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 300);
    };
    const request = url.startsWith('https:')
      ? httpsRequest(url, { ...options, rejectUnauthorized: false }, onResponse)
      : httpRequest(url, options, onResponse);
    request.once('timeout', () => request.destroy(new Error('timeout')));
    request.once('error', () => resolve(false));
    request.end();
  });
}

/** Polls until `check` is true; false when the time is over or `abandoned` says that waiting is in vain. */
export async function becomesTrue(
  check: () => Promise<boolean>,
  timeoutMs: number,
  abandoned: () => boolean = () => false,
): Promise<boolean> {
  const endMs = Date.now() + timeoutMs;
  while (Date.now() < endMs && !abandoned()) {
    if (await check().catch(() => false)) return true;
    await sleep(READY_POLL_MS);
  }
  return false;
}
