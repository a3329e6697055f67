import { execFileSync, fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildArtefacts, compileBotSpec } from '@botplane/botspec';
import { sha256Hex } from '@botplane/domain';
import { exampleBot } from '@botplane/e2e';
import { SandboxPool, startHostProcess } from '@botplane/runtime';
import type { RawAnswer, RawOrder } from './raw-isolates.ts';

const MEMORY_MIB = 32;
/** Above what a cold step on a busy machine needs, so that no round is spoilt by a second try. */
const CPU_MS = 500;

/** bot.js of an example as the operator publishes it, engine included. */
export function exampleCode(): string {
  const { botSpec: spec } = exampleBot('coffee-club').spec;
  const compiled = compileBotSpec(spec);
  if (!compiled.ok) throw new Error(`the example does not compile: ${compiled.errors[0]?.message}`);
  return buildArtefacts({ botId: 'bench', spec, compiled, limits: { memoryMiB: MEMORY_MIB, cpuMs: CPU_MS }, secretNames: [] }).files['bot.js'];
}

/** A bot that does nothing, so that only the way to it is measured. */
export const IDLE_CODE = `const output = JSON.stringify({ state: { text: 'x'.repeat(800) }, effects: [], timers: [], events: [], outcome: { kind: 'handled' } });
globalThis.botplane = { run: (text) => output };`;

/** What an executor sends for one message, about 0.9 KB. */
export const INPUT = JSON.stringify({
  event: { kind: 'update', update: { update_id: 1, message: { message_id: 1, date: 1_700_000_000, text: '/start', chat: { id: 1, type: 'private', first_name: 'Ada' }, from: { id: 1, is_bot: false, first_name: 'Ada', language_code: 'en' }, entities: [{ type: 'bot_command', offset: 0, length: 6 }] } } },
  state: { notes: 'x'.repeat(400) },
  env: { nowMs: 1_700_000_000_000, bot: { id: 42, username: 'bench_bot' }, revision: 'bench-1', runId: 'bench:1:1', answerPress: true, conversation: 'own', routed: true },
});

/** Sandboxes as a runtime pod has them, with real host processes and without the gRPC in front. */
export class BenchPool {
  private readonly pool: SandboxPool;
  /** Processes that were there before this pool. */
  private readonly others = new Set(hostPids());

  private constructor(isolatesMax: number, hosts: number) {
    const nothing = (): void => undefined;
    this.pool = new SandboxPool(
      { hosts, isolatesMax, idleTtlMs: 3_600_000, memoryMiB: MEMORY_MIB, cpuMs: CPU_MS },
      { startHost: startHostProcess, metrics: { settled: nothing, ended: nothing, live: nothing, resident: nothing, strike: nothing }, log: { info: nothing, warn: nothing } },
    );
  }

  static async start(isolatesMax: number, { hosts = 1 }: { hosts?: number } = {}): Promise<BenchPool> {
    const bench = new BenchPool(isolatesMax, hosts);
    while (!bench.pool.ready) await sleep(10);
    return bench;
  }

  /** Loads a bot of this code; returns what makes one call to it and gives its time in ms. `isCold`: what it must be. `cpuMs`: 0 is the pool's. */
  async load(botId: string, code: string, cpuMs = 0): Promise<(isCold?: boolean) => Promise<number>> {
    const sha256 = sha256Hex(code);
    const revHash = sha256.slice(0, 40);
    const loaded = await this.pool.load({ botId, revHash, sha256, engineSha256: '', code: Buffer.from(code), memoryMiB: 0, cpuMs });
    if (loaded.kind !== 'loaded') throw new Error(loaded.message);
    return async (isCold) => {
      const startedMs = performance.now();
      const result = await this.pool.run(botId, revHash, INPUT);
      const tookMs = performance.now() - startedMs;
      if (result.kind !== 'output') throw Object.assign(new Error(result.message), { code: result.code });
      if (isCold !== undefined && result.cold !== isCold) throw new Error(`the call was ${result.cold ? 'cold' : 'warm'}`);
      return tookMs;
    };
  }

  /** The same for a bot that has made its first step, which runs in the side host whatever isolates there are. */
  async loadProven(botId: string, code: string): Promise<(isCold?: boolean) => Promise<number>> {
    const call = await this.load(botId, code);
    await call();
    return call;
  }

  /** The same for a bot whose second step made its isolate. */
  async loadLive(botId: string, code: string): Promise<(isCold?: boolean) => Promise<number>> {
    const call = await this.loadProven(botId, code);
    await call(true);
    return call;
  }

  /** Resident memory of the host that holds live traffic, in MB. */
  residentMb(): number {
    const sizes = hostPids().filter((pid) => !this.others.has(pid)).map(residentMb);
    // The side host holds a few isolates at most: the large one is ours.
    return Math.max(...sizes);
  }

  stop(): void {
    this.pool.close();
  }
}

/** isolated-vm as it is, in a process of its own: what a careful author would write without Botplane. */
export class RawIsolates {
  private readonly child: ChildProcess;

  constructor() {
    const entry = fileURLToPath(new URL(`raw-isolates${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
    this.child = fork(entry, { execArgv: ['--no-node-snapshot', '--no-warnings'] });
  }

  async ask(order: RawOrder): Promise<RawAnswer> {
    this.child.send(order);
    const [answer] = (await once(this.child, 'message')) as [RawAnswer];
    return answer;
  }

  stop(): void {
    this.child.disconnect();
  }
}

function hostPids(): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(process.pid), '-f', 'host/main'], { encoding: 'utf8' }).trim().split('\n').map(Number);
  } catch {
    return []; // pgrep found none.
  }
}

function residentMb(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1_024) / 1e6;
}
