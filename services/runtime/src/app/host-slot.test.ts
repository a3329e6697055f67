import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call, CallResult } from '../domain/call.ts';
import { HOST_AGE_MS_MIN, STARVED_MS_MAX, WATCHDOG_GRACE_MS } from '../limits.ts';
import { HostSlot } from './host-slot.ts';
import type { HostDone, HostEvents } from './ports.ts';

/** Hosts that do what a test tells them. */
class Hosts {
  readonly events: HostEvents[] = [];
  readonly started: Call[] = [];
  readonly ended: string[] = [];
  readonly slot: HostSlot;
  /** Processor time of the host. */
  usedMs: number | undefined = 0;

  constructor({ isBackground = false } = {}) {
    this.slot = new HostSlot({
      settings: { name: '0', isolatesMax: 1, idleTtlMs: 1_000, rssMiBMax: 300, isBackground },
      startHost: (_settings, events) => {
        this.events.push(events);
        return { register: () => undefined, forget: () => undefined, start: (call) => this.started.push(call), kill: () => events.exited('SIGKILL'), usedMs: () => this.usedMs };
      },
      metrics: { settled: () => undefined, ended: (reason) => this.ended.push(reason), live: () => undefined, resident: () => undefined, strike: () => undefined },
      log: { info: () => undefined, warn: () => undefined },
      onLoss: ({ others }) => this.slot.requeue(others),
      onResult: () => undefined,
    });
  }

  get last(): HostEvents {
    const last = this.events.at(-1);
    if (!last) throw new Error('no host was started');
    return last;
  }
}

const done: HostDone = { status: 'ok', cold: false, live: 1, tookMs: 1, cpuMs: 1, text: '{}' };
const callOf = (id: number, settle: (result: CallResult) => void = () => undefined): Call => ({ id, kind: 'run', input: '', isTrial: false, reruns: 0, sideLosses: 0, settle, revision: { index: 1, key: 'k', botId: 'b', code: Buffer.from(''), engine: undefined, sha256: '', memoryMiB: 32, cpuMs: 100 } });

describe('a host that keeps too much memory', () => {
  let hosts: Hosts;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setImmediate'] });
    hosts = new Hosts();
    hosts.last.ready();
    vi.advanceTimersByTime(HOST_AGE_MS_MIN + 1);
  });
  afterEach(() => {
    hosts.slot.close();
    vi.useRealTimers();
  });

  it('[P9] is replaced at once when it is idle', () => {
    hosts.last.vitals({ live: 1, rssMiB: 301 });
    expect(hosts.ended).toEqual(['recycled']);
    expect(hosts.events).toHaveLength(2);
  });

  it('[P9] ends what it has, and the next one does the rest', () => {
    const settled: number[] = [];
    hosts.slot.enqueue(callOf(1, () => settled.push(1)));
    hosts.last.vitals({ live: 1, rssMiB: 301 });
    hosts.slot.enqueue(callOf(2, () => settled.push(2)));
    expect(hosts.started.map(({ id }) => id)).toEqual([1]);
    hosts.last.done(1, done);
    expect([settled, hosts.ended, hosts.events.length]).toEqual([[1], ['recycled'], 2]);
    hosts.last.ready();
    hosts.last.done(2, done);
    expect(settled).toEqual([1, 2]);
  });

  it('stays while it is young or within its limit', () => {
    hosts.last.vitals({ live: 1, rssMiB: 300 });
    expect(hosts.ended).toEqual([]);
    hosts.last.vitals({ live: 1, rssMiB: 301 });
    hosts.last.ready();
    hosts.last.vitals({ live: 1, rssMiB: 9_000 });
    expect(hosts.ended).toEqual(['recycled']);
  });
});

describe('a step that gets no processor', () => {
  const ALLOWED_MS = 100 + WATCHDOG_GRACE_MS;
  const CALL_MS = ALLOWED_MS + 10;
  let results: CallResult[];
  const begin = (options: { isBackground: boolean }): Hosts => {
    const hosts = new Hosts(options);
    hosts.last.ready();
    hosts.slot.enqueue(callOf(1, (result) => results.push(result)));
    return hosts;
  };
  const wait = (ms: number): void => void vi.advanceTimersByTime(ms);
  beforeEach(() => {
    results = [];
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setImmediate'] });
  });
  afterEach(() => vi.useRealTimers());

  it('[P9] is not killed in a host that yields to all others, until it has used its time', () => {
    const hosts = begin({ isBackground: true });
    hosts.usedMs = 10;
    wait(3 * CALL_MS);
    expect(hosts.ended).toEqual([]);
    hosts.usedMs = 110;
    wait(CALL_MS);
    expect(hosts.ended).toEqual(['overrun']);
  });

  it('[P9] is killed there too when it never uses any', () => {
    const hosts = begin({ isBackground: true });
    wait(STARVED_MS_MAX + 2 * CALL_MS);
    expect(hosts.ended).toEqual(['overrun']);
  });

  it('[P9] is killed in time in any other host, and where nobody tells what was used', () => {
    const beside = begin({ isBackground: false });
    wait(CALL_MS);
    expect(beside.ended).toEqual(['overrun']);
    const hosts = new Hosts({ isBackground: true });
    hosts.usedMs = undefined;
    hosts.last.ready();
    hosts.slot.enqueue(callOf(1));
    wait(CALL_MS);
    expect(hosts.ended).toEqual(['overrun']);
  });

  it.each([{ isBackground: true, code: 'OVERLOADED', isGreedy: false }, { isBackground: false, code: 'OVERRUN', isGreedy: true }])('[P9] comes again from a host that yields, and is to blame in others: $code', ({ isBackground, code, isGreedy }) => {
    begin({ isBackground }).last.done(1, { ...done, status: 'starved', text: 'busy' });
    expect(results).toMatchObject([{ kind: 'failure', code, isGreedy, message: 'busy' }]);
  });

  it('[P9] has all of its time in its next phase, however late the last one ended', () => {
    const hosts = begin({ isBackground: false });
    wait(ALLOWED_MS - 1);
    hosts.last.phase(1, 100);
    wait(ALLOWED_MS - 1);
    expect(hosts.ended).toEqual([]);
  });
});
