import { isWatch, statusBody } from '@botplane/testing';
import type { FaultProxy } from '@botplane/testing';

const SECOND_MS = 1_000;

/** What goes wrong between a program and kube-apiserver. Each ends by itself. */
export const FAULTS: Readonly<Record<string, (proxy: FaultProxy, random: () => number) => void>> = {
  'cut connections': (proxy) => proxy.drop(),
  outage: (proxy, random) => {
    const end = proxy.outage();
    setTimeout(() => end(), SECOND_MS * (1 + 3 * random()));
  },
  '410 to watches': (proxy) => {
    proxy.fail(isWatch, { status: 410, body: statusBody(410, 'Expired') }, 5);
    proxy.inject(`{"type":"ERROR","object":${statusBody(410, 'Expired')}}`);
  },
  '429 with Retry-After': (proxy) => {
    proxy.fail(() => true, { status: 429, headers: { 'retry-after': '1' }, body: statusBody(429, 'TooManyRequests') }, 15);
    proxy.drop();
  },
  500: (proxy) => {
    proxy.fail(() => true, { status: 500, body: statusBody(500, 'InternalError') }, 20);
    proxy.drop();
  },
  'half a line': (proxy) => proxy.cutNextLine(),
  'expired token': (proxy, random) => {
    const renew = proxy.expireToken();
    setTimeout(() => renew(), SECOND_MS * (1 + random()));
  },
  'lost answers to writes': (proxy) => proxy.fail((request) => request.method !== 'GET', 'lose', 6),
  'silent watches': (proxy) => proxy.stall(),
};

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
