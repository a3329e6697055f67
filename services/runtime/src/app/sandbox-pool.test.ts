import { sha256Hex } from '@botplane/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call, CallResult } from '../domain/call.ts';
import type { HostDone, HostEvents } from './ports.ts';
import { SandboxPool } from './sandbox-pool.ts';

const DONE: HostDone = { status: 'ok', cold: false, live: 1, tookMs: 1, cpuMs: 1, text: '{}' };

/** A host that answers loads at once, and keeps steps until a test says how they end. */
interface FakeHost {
  readonly name: string;
  readonly events: HostEvents;
  readonly steps: Call[];
}

class World {
  readonly hosts: FakeHost[] = [];
  /** Loads end like steps. */
  holdsLoads = false;
  readonly pool = new SandboxPool(
    { hosts: 1, isolatesMax: 10, idleTtlMs: 60_000, memoryMiB: 32, cpuMs: 100 },
    {
      startHost: ({ name }, events) => {
        const host: FakeHost = { name, events, steps: [] };
        this.hosts.push(host);
        queueMicrotask(() => events.ready());
        return {
          register: () => undefined,
          forget: () => undefined,
          start: (call) => void (call.kind === 'run' || this.holdsLoads ? host.steps.push(call) : queueMicrotask(() => events.done(call.id, DONE))),
          kill: () => events.exited('SIGKILL'),
          usedMs: () => undefined,
        };
      },
      metrics: { settled: () => undefined, ended: () => undefined, live: () => undefined, resident: () => undefined, strike: () => undefined },
      log: { info: () => undefined, warn: () => undefined },
    },
  );

  async load(botId: string): Promise<(input?: string) => Promise<CallResult>> {
    const code = Buffer.from(`code of ${botId}`);
    const sha256 = sha256Hex(code);
    await this.pool.load({ botId, revHash: sha256.slice(0, 40), sha256, engineSha256: '', code, memoryMiB: 0, cpuMs: 0 });
    return (input = 'x') => this.pool.run(botId, sha256.slice(0, 40), input);
  }

  /** The process that is the named host now. */
  host(name: string): FakeHost {
    const host = this.hosts.findLast((candidate) => candidate.name === name);
    if (!host) throw new Error(`no host ${name}`);
    return host;
  }

  /** Ends the oldest step there. */
  end(name: string, done: Partial<HostDone> = {}): void {
    const { steps, events } = this.host(name);
    events.done(steps.shift()?.id ?? 0, { ...DONE, ...done });
  }

  /** The same; tells what it was. */
  endOldest(name: string): string {
    const kind = this.host(name).steps[0]?.kind ?? 'nothing';
    this.end(name);
    return kind;
  }

  /** The host goes by itself, and the next one is up. */
  async lose(name: string): Promise<void> {
    this.host(name).events.exited('SIGABRT');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let world: World;
beforeEach(async () => {
  world = new World();
  await new Promise((resolve) => setImmediate(resolve));
});
afterEach(() => world.pool.close());

describe('a first step', () => {
  it('[P9] runs in the side host, and once it ended the revision runs beside others', async () => {
    const run = await world.load('a');
    const first = run();
    expect([world.host('side').steps.length, world.host('0').steps.length]).toEqual([1, 0]);
    world.end('side');
    await first;
    void run();
    expect([world.host('side').steps.length, world.host('0').steps.length]).toEqual([0, 1]);
  });

  it('[P9] takes what waited behind it along, since the side host takes one call at a time', async () => {
    const run = await world.load('a');
    const answers = [run('1'), run('2'), run('3')];
    expect(world.host('side').steps.map(({ input }) => input)).toEqual(['1']);
    world.end('side');
    await answers[0];
    expect(world.host('side').steps).toEqual([]);
    expect(world.host('0').steps.map(({ input }) => input)).toEqual(['2', '3']);
  });

  it('[P9] that fails like any program proves as much as one that answers', async () => {
    const run = await world.load('a');
    const first = run();
    world.end('side', { status: 'guest_error', text: 'TypeError: x' });
    await first;
    void run();
    expect(world.host('0').steps.length).toBe(1);
  });

  it.each(['overrun', 'out_of_memory'] as const)('[P9] that is greedy never gets beside others, nor does what waits behind it: %s', async (status) => {
    const run = await world.load('a');
    const [first] = [run(), run()];
    world.end('side', { status, text: 'too much' });
    await first;
    void run();
    expect([world.host('side').steps.length, world.host('0').steps.length]).toEqual([0, 0]);
    await expect.poll(() => world.host('apart').steps.length).toBe(1);
  });
});

describe('many loads', () => {
  it('[P9] let a step through between two of them', async () => {
    const run = await world.load('a');
    world.holdsLoads = true;
    const loads = ['b', 'c', 'd', 'e'].map((bot) => world.load(bot));
    const answer = run();
    expect([world.endOldest('side'), world.endOldest('side'), world.endOldest('side')]).toEqual(['prepare', 'prepare', 'run']);
    world.holdsLoads = false;
    expect(await answer).toMatchObject({ kind: 'output' });
    world.endOldest('side');
    await Promise.all(loads);
  });
});

describe('a side host that dies by itself', () => {
  it('[P9] has the call that was in it alone and first in the next one, whatever waits there', async () => {
    const [innocent, others] = [await world.load('innocent'), [await world.load('b'), await world.load('c')]];
    const answer = innocent('first');
    for (const run of others) void run();
    await world.lose('side');
    expect(world.host('side').steps.map(({ input }) => input)).toEqual(['first']);
    world.end('side');
    expect(await answer).toMatchObject({ kind: 'output' });
  });

  it('[P9] blames no call that was never alone in one, and soon the one that was', async () => {
    const [before, late] = [await world.load('before'), await world.load('late')];
    const behaves = before();
    world.end('side');
    await behaves;
    // What the first left there ends the host while the second is in it; then the second ends a new one by itself.
    const answer = late();
    await world.lose('side');
    await world.lose('side');
    expect(await answer).toMatchObject({ kind: 'failure', code: 'GUEST_ERROR' });
  });
});
