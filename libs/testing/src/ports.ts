import { createServer } from 'node:net';
import { PORT_ATTEMPTS_MAX, PORT_MAX, PORT_MIN } from './limits.ts';

/** Whether nothing listens on this port of `host` (default loopback) right now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

const given = new Set<number>();

/**
 * A free loopback port between 20,000 and 32,000, never the same twice in one process.
 * Another process may still take it before its user listens: launchers start again with a new one.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < PORT_ATTEMPTS_MAX; attempt += 1) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (given.has(port)) continue;
    if (await isPortFree(port)) {
      given.add(port);
      return port;
    }
  }
  throw new Error(`no free port between ${PORT_MIN} and ${PORT_MAX}`);
}
