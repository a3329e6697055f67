import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuMsByProcess, describeCpu } from '../cpu.ts';
import type { BenchRun } from '../framework/bench-run.ts';
import { median } from '../framework/statistics.ts';
import { Install } from '../install.ts';
import type { BenchBot } from '../install.ts';
import { LoadProcess } from '../load/load-process.ts';
import type { Drive, Target } from '../load/orders.ts';
import { FIVE_STEPS } from './pipeline-bot.ts';

const RATIO_MIN = 0.5;
const P95_MS_MAX = 25;
/** A reference below this share of what the broker takes was not the way of an update but something in its way. */
const VOID_BELOW = 0.35;
const PARTITIONS = 16;
const FULL = { ms: 8_000, rawMs: 2_000, steadyMs: 6_000 } as const;
const QUICK = { ms: 2_000, rawMs: 800, steadyMs: 2_000 } as const;
const LOAD = { chats: 2_000, warmUpMs: 1_000, perSecond: 0, outstandingMax: 512, sendingMax: 64 } as const;
const STEADY = { ...LOAD, perSecond: 500 } as const;

/** From UPDATES to Telegram: executor, runtime, sandbox host and delivery against the bare path on the same broker, with the same load. */
export async function pipeline(bench: BenchRun): Promise<boolean> {
  const load = await LoadProcess.start();
  const install = await Install.start({ telegramUrl: load.telegramUrl, services: ['executor', 'runtime', 'delivery'] });
  const bare = await BarePath.start(install, load);
  try {
    return await measure(bench, { load, install, bots: await install.addBots(FIVE_STEPS) });
  } finally {
    bare.stop();
    await install.stop();
    load.stop();
  }
}

interface Scene {
  load: LoadProcess;
  install: Install;
  bots: readonly BenchBot[];
}

async function measure(bench: BenchRun, { load, install, bots }: Scene): Promise<boolean> {
  const { ms, rawMs, steadyMs } = bench.isQuick ? QUICK : FULL;
  const natsUrl = install.broker.url;
  const targets: Record<'ours' | 'reference', Target> = { ours: { via: 'published', natsUrl, bots }, reference: { via: 'bare', natsUrl, partitions: PARTITIONS } };
  const rateOf = (what: keyof typeof targets) => () => saturate(what, { ...LOAD, target: targets[what], ms }, load, install);
  const steady = (what: keyof typeof targets) => () => load.drive({ ...STEADY, target: targets[what], ms: steadyMs });
  const { of, foreignShare } = await bench.measure(
    { reference: rateOf('reference'), raw: () => load.publishRaw(natsUrl, 'bare.out.0.raw', rawMs, LOAD.sendingMax), ours: rateOf('ours'), steady: steady('ours'), referenceSteady: steady('reference') },
    { warmUps: 1 }, // Makes isolates and lets everything compile.
  );
  const [p50Ms, p99Ms] = [median(of.steady.map((driven) => driven.p50Ms)), median(of.steady.map((driven) => driven.p99Ms))];
  console.log(`sample: ${bench.rounds} rounds of ${ms / 1_000} s; raw publish ${median(of.raw).toFixed(0)}/s; at ${STEADY.perSecond}/s p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`);
  const share = median(of.reference) / median(of.raw);
  if (share < VOID_BELOW) {
    console.log(`bench pipeline: void, the reference makes only ${share.toFixed(2)} of raw publish`);
    return false;
  }
  return bench.report(
    { kind: 'ratio', figure: 'updates_per_s', ours: of.ours, reference: of.reference, goal: { min: RATIO_MIN }, foreignShare },
    {
      kind: 'absolute', figure: `p95_at_${STEADY.perSecond}_per_s`, values: of.steady.map((driven) => driven.p95Ms), unit: 'ms', limit: { max: P95_MS_MAX }, foreignShare,
      reference: { what: 'bare path', value: median(of.referenceSteady.map((driven) => driven.p95Ms)) },
    },
  );
}

/** Answers per second at full load; prints what each answer cost. */
async function saturate(what: string, drive: Drive, load: LoadProcess, install: Install): Promise<number> {
  const [cpuBefore, writesBefore] = [cpuMsByProcess(), await writes(install)];
  const driven = await load.drive(drive);
  const perUpdate = ((await writes(install)) - writesBefore) / driven.sent;
  const rate = driven.answered / driven.seconds;
  console.log(`${what}: ${rate.toFixed(0)}/s, sent twice ${driven.repeated}, ${perUpdate.toFixed(2)} stored messages and cpu per update in µs: ${describeCpu(cpuBefore, cpuMsByProcess(), driven.sent)}`);
  return rate;
}

/** Messages that the broker has stored so far, over all streams. */
async function writes(install: Install): Promise<number> {
  let sum = 0;
  for await (const { state } of install.nats.jsm.streams.list()) sum += state.last_seq;
  return sum;
}

/** The two processes of the reference. */
class BarePath {
  private constructor(private readonly children: readonly ChildProcess[]) {}

  static async start(install: Install, load: LoadProcess): Promise<BarePath> {
    const children: ChildProcess[] = [];
    for (const role of ['executor', 'delivery']) {
      const entry = fileURLToPath(new URL(`pipeline-bare-path${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
      const child = fork(entry, [role, install.broker.url, String(PARTITIONS), load.telegramUrl], { execArgv: [] });
      children.push(child);
      await once(child, 'message');
    }
    return new BarePath(children);
  }

  stop(): void {
    for (const child of this.children) if (child.connected) child.disconnect();
  }
}
