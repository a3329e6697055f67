import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { becomesTrue, httpAnswers, makeTempFolder, removeTempFolder } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localPaths } from '../src/paths.ts';
import { isAlive, readRecords, type ProcessRecord } from '@botplane/testing';
import { podRecords } from '../src/leftovers.ts';

// Drives the built command line, as make does, on an environment of its own beside any other one.
const CLI = join(import.meta.dirname, '../dist/main.js');
const folder = makeTempFolder('environment');
const paths = localPaths(folder);

async function local(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], {
    env: { ...process.env, BOTPLANE_LOCAL_DIR: folder, NODE_OPTIONS: '' },
  });
  return stdout;
}

const records = (): ProcessRecord[] => [...readRecords(paths.run), ...readRecords(podRecords(paths.pods))];
const alive = (): string[] => records().filter(isAlive).map(({ name }) => name);

/** Never a made-up number: a signal to pid -1 would reach every process of the machine. */
function pidOf(name: string): number {
  const record = records().find((candidate) => candidate.name === name && isAlive(candidate));
  if (!record) throw new Error(`${name} does not run`);
  return record.pid;
}

function isReplaced(name: string, pid: number): boolean {
  return records().some((record) => record.name === name && record.pid !== pid);
}

function variables(): Record<string, string> {
  const rows = readFileSync(paths.env, 'utf8').matchAll(/^export (\w+)='(.*)'$/gm);
  return Object.fromEntries([...rows].map(([, name, value]) => [name, value]));
}

async function rows(): Promise<Map<string, string[]>> {
  const output = await local('status').catch((error: { stdout: string }) => error.stdout);
  const lines = output.trim().split('\n').slice(1);
  return new Map(lines.map((line) => line.split(/ {2,}/)).map((cells) => [cells[0] ?? '', cells]));
}

beforeAll(async () => {
  if (!existsSync(CLI)) throw new Error('not built: run make build');
  await local('up');
}, 240_000);

afterAll(async () => {
  await local('down');
  removeTempFolder(folder);
});

// Each step needs the one before to be over, so the time limit is far above what a step takes.
describe('[C6] the local environment', { timeout: 180_000 }, () => {
  it('prints a playground URL that answers and writes a private env file for scripts', async () => {
    const { BOTPLANE_SIMULATOR_URL, KUBECTL, KUBECONFIG } = variables();
    expect(await httpAnswers(`${BOTPLANE_SIMULATOR_URL}/play/echo_bot`)).toBe(true);
    const { stdout } = await promisify(execFile)(KUBECTL ?? '', [`--kubeconfig=${KUBECONFIG}`, 'get', 'bot', 'echo', '-o', 'name']);
    expect(stdout.trim()).toBe('bot.botplane.dev/echo');
    expect(statSync(paths.env).mode & 0o077).toBe(0);
  });

  it('does nothing and prints the same when it is up already', async () => {
    const pids = new Map(records().map(({ name, pid }) => [name, pid]));
    const again = await local('up');
    expect(again).toContain(`${variables()['BOTPLANE_SIMULATOR_URL']}/play/echo_bot`);
    expect(new Map(records().map(({ name, pid }) => [name, pid]))).toEqual(pids);
  });

  it('starts a process again that was killed, and counts it', async () => {
    const pid = pidOf('quote');
    process.kill(pid, 'SIGKILL');
    const isBack = async (): Promise<boolean> => isReplaced('quote', pid) && (await rows()).get('quote')?.[3] === 'ready';
    expect(await becomesTrue(isBack, 15_000)).toBe(true);
    expect((await rows()).get('quote')?.[4]).toBe('1');
  });

  it('stops, starts and restarts one process by name', async () => {
    await local('stop', 'ingress');
    expect((await rows()).get('ingress')?.[3]).toBe('stopped');
    await local('start', 'ingress');
    const pid = pidOf('ingress');
    await local('restart', 'ingress');
    expect(pidOf('ingress')).not.toBe(pid);
    expect((await rows()).get('ingress')?.[3]).toBe('ready');
    await expect(local('restart', 'nothing')).rejects.toThrow('nothing is called "nothing"');
  });

  it('shows logs by name', async () => {
    expect(await local('logs', 'local-node')).toContain('is ready on 127.');
    await expect(local('logs', 'nothing')).rejects.toThrow('no log is called "nothing"');
  });

  it('maps shop.example to the quote server', async () => {
    const url = (await rows()).get('quote')?.[5];
    expect(await (await fetch(`${url}/quote?size=large`)).json()).toEqual({ total: 4 });
    expect((await fetch(`${url}/quote?size=huge`)).status).toBe(400);
  });

  it('keeps its data, ports and credentials over down and up, and leaves nothing running in between', async () => {
    const before = variables();
    const running = records();
    expect(running.length).toBeGreaterThan(10);
    await local('down');
    expect(running.filter(isAlive)).toEqual([]);
    expect(await local('down')).toContain('Nothing was running');
    const startedMs = Date.now();
    await local('up');
    console.log(`warm up: ${Date.now() - startedMs} ms`);
    expect(variables()).toEqual(before);
  });

  it('cleans up after a supervisor that was killed', async () => {
    const running = records();
    process.kill(pidOf('supervisor'), 'SIGKILL');
    await local('down');
    expect(running.filter(isAlive)).toEqual([]);
    expect(alive()).toEqual([]);
    await local('up');
    expect((await rows()).get('operator')?.[3]).toBe('ready');
  });
});
