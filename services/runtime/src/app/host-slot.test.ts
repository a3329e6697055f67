import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call, CallResult } from '../domain/call.ts';
import { HOST_AGE_MS_MIN, HOST_DOWN_MS_MAX, NOT_IDLE_MS, RESPAWN_MS_MIN, STARVED_MAX, WATCHDOG_GRACE_MS } from '../limits.ts';
import { HostSlot } from './host-slot.ts';
import type { HostDone, HostEvents, Priority } from './ports.ts';

/** Hosts that do what a test tells them. */
class Hosts {
  readonly events: HostEvents[] = [];
  readonly started: Call[] = [];
  readonly ended: string[] = [];
  /** Of each host, as it was started. */
  readonly priorities: Priority[] = [];
  /** Whom the pool was told to blame. */
  readonly blamed: number[] = [];
  readonly slot: HostSlot;
  isSlowToEnd = false;
  /** Processor time of the host. */
  usedMs: number | undefined = 0;

  constructor(priority: Priority = 'normal') {
    this.slot = new HostSlot({
      settings: { name: '0', isolatesMax: 1, idleTtlMs: 1_000, rssMiBMax: 300, priority },
      startHost: (settings, events) => {
        this.priorities.push(settings.priority);
        this.events.push(events);
        return { register: () => undefined, forget: () => undefined, start: (call) => this.started.push(call), kill: () => void (this.isSlowToEnd || events.exited('SIGKILL')), usedMs: () => this.usedMs };
      },
      metrics: { settled: () => undefined, ended: (reason) => this.ended.push(reason), live: () => undefined, resident: () => undefined, strike: () => undefined },
      log: { info: () => undefined, warn: () => undefined },
      onLoss: ({ culprit, others }) => {
        if (culprit) this.blamed.push(culprit.id);
        this.slot.requeue(others);
      },
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

/** Timers of the watchdog and of what it waits for. */
const overrun = (): void => void vi.advanceTimersByTime(100 + WATCHDOG_GRACE_MS + 10);

describe('a host that gets what others leave of the processor', () => {
  let hosts: Hosts;
  let codes: string[];
  const startAgain = (): void => {
    vi.advanceTimersByTime(RESPAWN_MS_MIN);
    hosts.last.ready();
  };
  const call = (id: number): void => hosts.slot.enqueue(callOf(id, (result) => codes.push(result.kind === 'failure' ? result.code : 'ok')));
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setImmediate'] });
    hosts = new Hosts('idle');
    codes = [];
  });
  afterEach(() => {
    hosts.slot.close();
    vi.useRealTimers();
  });

  /** As many steps get nothing. */
  const starve = (count = STARVED_MAX): void => {
    for (let id = 1; id <= count; id++) {
      call(id);
      hosts.last.done(id, { ...done, status: 'starved' });
    }
  };

  it('[P9] is replaced by one with a share when steps get nothing; they are not to blame and come again', () => {
    hosts.last.ready();
    starve();
    expect([codes, hosts.ended]).toEqual([Array.from({ length: STARVED_MAX }, () => 'OVERLOADED'), ['recycled']]);
    call(9);
    startAgain();
    hosts.last.done(9, { ...done, status: 'starved' });
    expect([codes.at(-1), hosts.priorities]).toEqual(['OVERRUN', ['idle', 'low']]);
  });

  it('[P9] stays when only some of its steps get nothing', () => {
    hosts.last.ready();
    for (let n = 0; n < 2; n++) {
      starve(STARVED_MAX - 1);
      call(9);
      hosts.last.done(9, done);
    }
    expect([hosts.ended, hosts.priorities]).toEqual([[], ['idle']]);
  });

  it('[P9] is replaced in time when a step does not end, and who does that again is to blame', () => {
    hosts.last.ready();
    for (let id = 1; id <= STARVED_MAX; id++) {
      call(id);
      overrun();
      expect([codes.length, codes.at(-1), hosts.blamed]).toEqual([id, 'OVERLOADED', []]);
      startAgain();
    }
    call(9);
    overrun();
    const idle = Array.from({ length: STARVED_MAX }, () => 'idle');
    expect([hosts.ended.at(-1), hosts.blamed, hosts.priorities]).toEqual(['overrun', [9], [...idle, 'low', 'low']]);
  });

  it('[P9] is killed like others when a step has used its time and does not end', () => {
    hosts.last.ready();
    hosts.usedMs = 1_000;
    call(1);
    hosts.usedMs = 1_080;
    overrun();
    expect([codes, hosts.ended, hosts.blamed, hosts.priorities]).toEqual([[], ['overrun'], [1], ['idle', 'idle']]);
  });

  it('[P9] keeps nobody waiting while it takes to end', () => {
    hosts.last.ready();
    call(1);
    hosts.isSlowToEnd = true;
    overrun();
    expect(codes, 'the caller knows before the process is gone').toEqual(['OVERLOADED']);
    call(2);
    hosts.last.phase(1, 100);
    hosts.last.done(1, done);
    hosts.last.ready();
    vi.advanceTimersByTime(HOST_DOWN_MS_MAX);
    call(3);
    expect([codes, hosts.started.length, hosts.priorities]).toEqual([['OVERLOADED', 'OVERLOADED', 'OVERLOADED'], 1, ['idle']]);
    hosts.last.exited('SIGKILL');
    startAgain();
    call(4);
    hosts.last.done(4, done);
    expect([codes.at(-1), hosts.priorities]).toEqual(['ok', ['idle', 'low']]);
  });

  it('[P9] has a successor that works, however late it ends', () => {
    hosts.last.ready();
    call(1);
    hosts.isSlowToEnd = true;
    overrun();
    vi.advanceTimersByTime(HOST_DOWN_MS_MAX - RESPAWN_MS_MIN / 2 - 10);
    hosts.last.exited('SIGKILL');
    startAgain();
    call(2);
    hosts.last.done(2, done);
    expect([codes, hosts.priorities]).toEqual([['OVERLOADED', 'ok'], ['idle', 'low']]);
  });

  it('[P9] keeps nobody waiting while it takes to end for its memory', () => {
    hosts.last.ready();
    vi.advanceTimersByTime(HOST_AGE_MS_MIN + 1);
    hosts.isSlowToEnd = true;
    hosts.last.vitals({ live: 1, rssMiB: 301 });
    call(1);
    vi.advanceTimersByTime(HOST_DOWN_MS_MAX);
    expect(codes).toEqual(['OVERLOADED']);
  });

  it('[P9] is replaced when it does not start, be it for want of time or because it may not be idle here', () => {
    call(1);
    vi.advanceTimersByTime(HOST_DOWN_MS_MAX);
    expect([codes, hosts.ended]).toEqual([['OVERLOADED'], ['recycled']]);
    startAgain();
    expect(hosts.priorities).toEqual(['idle', 'low']);
    hosts.slot.close();
    hosts = new Hosts('idle');
    call(2);
    hosts.last.exited('no such file');
    startAgain();
    hosts.last.done(2, done);
    expect([codes, hosts.ended, hosts.priorities]).toEqual([['OVERLOADED', 'ok'], ['recycled'], ['idle', 'low']]);
  });

  it('[P9] is tried again after two minutes, between two calls', () => {
    hosts.last.ready();
    starve();
    startAgain();
    vi.advanceTimersByTime(NOT_IDLE_MS - RESPAWN_MS_MIN - 1);
    hosts.last.vitals({ live: 1, rssMiB: 1 });
    call(9);
    vi.advanceTimersByTime(1);
    hosts.last.vitals({ live: 1, rssMiB: 1 });
    expect(hosts.priorities).toEqual(['idle', 'low']);
    hosts.last.done(9, done);
    expect([codes.at(-1), hosts.priorities]).toEqual(['ok', ['idle', 'low', 'idle']]);
  });
});

describe('the watchdog', () => {
  let hosts: Hosts;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setImmediate'] });
    hosts = new Hosts();
    hosts.last.ready();
  });
  afterEach(() => {
    hosts.slot.close();
    vi.useRealTimers();
  });

  it('[P9] counts a phase that begins while it looks', () => {
    hosts.slot.enqueue(callOf(1));
    vi.advanceTimersToNextTimer();
    hosts.last.phase(1, 100);
    vi.advanceTimersByTime(100 + WATCHDOG_GRACE_MS - 1);
    expect(hosts.ended).toEqual([]);
    overrun();
    expect([hosts.ended, hosts.blamed]).toEqual([['overrun'], [1]]);
  });

  it('[P9] blames nobody else when the answer comes after all', () => {
    let exit = (): void => undefined;
    const { slot, started, blamed, ended } = hosts;
    hosts.slot.enqueue(callOf(1));
    const { last } = hosts;
    const exited = last.exited;
    last.exited = (detail) => void (exit = () => exited(detail));
    overrun();
    slot.enqueue(callOf(2));
    last.done(1, done);
    expect(started.map(({ id }) => id)).toEqual([1, 2]);
    exit();
    expect([blamed, ended]).toEqual([[], ['died']]);
  });
});
