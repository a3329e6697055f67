import { execFileSync } from 'node:child_process';
import { getPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startHostProcess } from '../src/adapters/out/host-process.ts';
import type { Priority, SandboxHost } from '../src/app/ports.ts';
import { LOW_PRIORITY_NICENESS } from '../src/limits.ts';

/** Resolves with the pid of a sandbox host that is ready. */
async function startHost(priority: Priority): Promise<number> {
  const pids = await new Promise<string>((resolve, reject) => {
    const host = startHostProcess({ name: 'x', isolatesMax: 1, idleTtlMs: 60_000, rssMiBMax: 300, priority }, {
      ready: () => resolve(execFileSync('pgrep', ['-P', String(process.pid), '-f', 'host/main'], { encoding: 'utf8' })),
      done: () => undefined,
      phase: () => undefined,
      vitals: () => undefined,
      exited: (detail) => reject(new Error(detail)),
    });
    onTestFinished(() => host.kill());
  });
  return Number(pids.trim().split('\n').at(-1));
}

const policyOf = (pid: number): string | undefined => /policy: (\w+)/.exec(execFileSync('chrt', ['-p', String(pid)], { encoding: 'utf8' }))?.[1];

describe('the priority of a sandbox host', () => {
  it.each([
    { priority: 'normal', policy: 'SCHED_OTHER', niceness: getPriority() },
    { priority: 'low', policy: 'SCHED_OTHER', niceness: LOW_PRIORITY_NICENESS },
    { priority: 'idle', policy: 'SCHED_IDLE', niceness: getPriority() },
  ] as const)('[P9] $priority: $policy with niceness $niceness', async ({ priority, policy, niceness }) => {
    const pid = await startHost(priority);
    expect({ policy: policyOf(pid), niceness: getPriority(pid) }).toEqual({ policy, niceness });
  });

  it('[P9] tells what processor time a host has used', async () => {
    const host = await new Promise<SandboxHost>((resolve) => {
      const started = startHostProcess({ name: 'x', isolatesMax: 1, idleTtlMs: 60_000, rssMiBMax: 300, priority: 'normal' }, { ready: () => resolve(started), done: () => undefined, phase: () => undefined, vitals: () => undefined, exited: () => undefined });
    });
    const usedMs = host.usedMs() ?? 0;
    expect(usedMs, 'to start').toBeGreaterThanOrEqual(10);
    expect(usedMs).toBeLessThan(10_000);
    host.kill();
    await expect.poll(() => host.usedMs()).toBeUndefined();
  });

  it('[P9] a host that cannot be started ends once, and says why', async () => {
    const [execPath, ends] = [process.execPath, [] as string[]];
    process.execPath = '/nowhere/node';
    onTestFinished(() => void (process.execPath = execPath));
    startHostProcess({ name: 'x', isolatesMax: 1, idleTtlMs: 60_000, rssMiBMax: 300, priority: 'normal' }, { ready: () => undefined, done: () => undefined, phase: () => undefined, vitals: () => undefined, exited: (detail) => ends.push(detail) });
    await sleep(200);
    expect(ends).toEqual([expect.stringContaining('ENOENT')]);
  });
});
