import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveBot, startWorld } from './support/world.ts';
import type { World } from './support/world.ts';

const WRITES_MAX = 6;
const CONNECTIONS_MAX = 10;

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.operator.start();
  // Counted is an operator at work: what the first Bot waits for (pods to be known, the compiler to start) may be told in its status.
  await serveBot(world);
}, 120_000);
afterAll(async () => world?.stop());

/** Connections of a process to a port of loopback that are open now, from /proc. */
function connectionsTo(port: number, pid: number): number {
  const inodes = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]));
  const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1).map((row) => row.trim().split(/\s+/));
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const ESTABLISHED = '01';
  return rows.filter((row) => row[2]?.endsWith(`:${hexPort}`) && row[3] === ESTABLISHED && inodes.has(row[9])).length;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // Closed meanwhile.
  }
}

describe('what the operator costs the API server', () => {
  it(`[C1] at most ${WRITES_MAX} writes from an applied Bot to Ready, Events and Leases aside`, async () => {
    const { namespace } = await serveBot(world);
    await sleep(2_000);
    const writes = world.cluster.audited().filter((write) => write.namespace === namespace && write.userAgent.startsWith('botplane-operator/') && write.resource !== 'events');
    expect(writes.length, writes.map(({ verb, resource, code }) => `${verb} ${resource} ${code}`).join('\n')).toBeLessThanOrEqual(WRITES_MAX);
    expect(writes.length).toBeGreaterThan(0);
  });

  it(`[C1] at most ${CONNECTIONS_MAX} TLS connections while nothing happens`, async () => {
    const port = Number(new URL(world.cluster.url).port);
    await expect.poll(() => connectionsTo(port, world.operator.pid)).toBeLessThanOrEqual(CONNECTIONS_MAX);
    expect(connectionsTo(port, world.operator.pid)).toBeGreaterThan(0);
  });
});
