import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Controller, Get, Module } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { httpEnv, parseConfig } from '../src/config.ts';
import type { HttpConfig } from '../src/config.ts';
import { silentLog } from '../src/log.ts';
import { startService } from '../src/run-service.ts';
import type { RunningService, ServiceKit } from '../src/run-service.ts';

class EmptyModule {}
Module({})(EmptyModule);

const arrived = Promise.withResolvers<void>();
const gate = Promise.withResolvers<void>();
class Slow {
  async wait(): Promise<string> {
    arrived.resolve();
    await gate.promise;
    return 'done';
  }
}
Get()(Slow.prototype, 'wait', Object.getOwnPropertyDescriptor(Slow.prototype, 'wait') ?? {});
Controller('slow')(Slow);

let running: RunningService | undefined;
afterEach(() => running?.close());

async function setup(prepare: (kit: ServiceKit<HttpConfig>) => void = () => undefined): Promise<string> {
  const config = parseConfig(z.object(httpEnv), { HOST: '127.0.0.1', PORT: '0' });
  const module = (kit: ServiceKit<HttpConfig>) => {
    prepare(kit);
    return { module: EmptyModule, controllers: [Slow] };
  };
  running = await startService({ name: 'test', config, log: silentLog(), module });
  return running.url;
}

describe('startService', () => {
  it('[C2] answers liveness, readiness with named checks, and metrics', async () => {
    let up = false;
    const url = await setup((kit) => kit.readiness.add('store', () => up));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const unready = await fetch(`${url}/readyz`);
    expect(unready.status).toBe(503);
    expect(await unready.json()).toEqual({ ready: false, checks: { store: 'not ready' } });
    up = true;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('process_cpu_seconds_total');
  });

  it('counts a check that throws as failed and tells no secret', async () => {
    const url = await setup((kit) => kit.readiness.add('telegram', () => Promise.reject(new Error('http://h/bot12345:secretsecretsecret/getMe failed'))));
    const report = await (await fetch(`${url}/readyz`)).text();
    expect(report).toContain('failed');
    expect(report).not.toContain('secretsecret');
  });

  it('answers unknown routes in its own form', async () => {
    const response = await fetch(`${await setup()}/nothing`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'http' } });
  });
});

describe('close', () => {
  it('[A6] lets requests in hand end, and is not held up by idle connections', async () => {
    const url = await setup();
    await fetch(`${url}/healthz`); // Leaves a kept connection behind.
    const slow = fetch(`${url}/slow`);
    await arrived.promise;
    const closed = running?.close();
    gate.resolve();
    expect(await (await slow).text()).toBe('done');
    const startedMs = performance.now();
    await closed;
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});

const MAIN = `
import { Module } from '@nestjs/common';
import { z } from 'zod';
import { httpEnv, loadConfig, runService } from '@botplane/kit';
class Empty {}
Module({})(Empty);
const hang = process.env.TEST_HANG === '1';
await runService({ name: 'test', config: loadConfig(z.object(httpEnv), process.env), module: async () => {
  if (process.env.TEST_STUCK === '1') await new Promise((resolve) => setTimeout(resolve, 60_000));
  if (process.env.TEST_REJECT === '1') setTimeout(() => void Promise.reject(new Error('boom')), 50);
  const slow = { provide: 'slow', useValue: { onModuleDestroy: () => hang ? new Promise(() => setInterval(() => {}, 1000)) : undefined } };
  return { module: Empty, providers: [slow] };
} });`;

/** Runs the sources in a process of its own, as a service's main.ts would. */
async function runMain(env: Record<string, string>, signal?: NodeJS.Signals, cue = 'service listens'): Promise<{ code: number | null; output: string }> {
  const args = ['--conditions=@botplane/source', '--no-warnings', '--input-type=module', '-e', MAIN];
  const child = spawn(process.execPath, args, { cwd: new URL('..', import.meta.url), env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', ...env } });
  let output = '';
  const seen = (chunk: Buffer): void => {
    output += chunk.toString();
    if (signal !== undefined && output.includes(cue)) child.kill(signal);
  };
  child.stdout.on('data', seen);
  child.stderr.on('data', seen);
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, output };
}

describe('runService', () => {
  it('[A6] ends with 0 on SIGTERM', async () => {
    const { code, output } = await runMain({}, 'SIGTERM');
    expect(output).toContain('shut down');
    expect(code).toBe(0);
  });

  it('[A6] ends with 1 when the shutdown takes longer than allowed', async () => {
    const { code, output } = await runMain({ TEST_HANG: '1', SHUTDOWN_MS_MAX: '200' }, 'SIGINT');
    expect(output).toContain('shutdown took too long');
    expect(code).toBe(1);
  });

  it('ends at once while it still waits for its servers', async () => {
    const { code, output } = await runMain({ TEST_STUCK: '1' }, 'SIGTERM', 'service starts');
    expect(output).not.toContain('service listens');
    expect(code).toBe(0);
  });

  it('ends with 1 on an unhandled rejection and says which', async () => {
    const { code, output } = await runMain({ TEST_REJECT: '1' });
    expect(code).toBe(1);
    expect(output).toContain('unhandled rejection');
    expect(output).toContain('boom');
  });

  it('prints every problem of a bad environment and ends with 1', async () => {
    const { code, output } = await runMain({ PORT: 'many', LOG_LEVEL: 'loud' });
    expect(code).toBe(1);
    expect(output).toContain('PORT');
    expect(output).toContain('LOG_LEVEL');
  });
});
