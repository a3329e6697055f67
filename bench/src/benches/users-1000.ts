import { request } from 'undici';
import { makeBotId } from '@botplane/domain';
import { cpuMsByProcess, describeCpu } from '../cpu.ts';
import type { BenchRun } from '../framework/bench-run.ts';
import { median } from '../framework/statistics.ts';
import { Install } from '../install.ts';
import type { BenchBot } from '../install.ts';
import { LoadProcess } from '../load/load-process.ts';
import type { Drive, Driven } from '../load/orders.ts';
import { FIVE_STEPS } from './pipeline-bot.ts';

const BOTS = 600;
const LIVE_MAX = 200;
const HIT_RATE_PERCENT_MIN = 75;
const P95_MS_MAX = 300;
/** Five rounds are a minute. */
const FULL_MS = 12_000;
const QUICK_MS = 6_000;
const ADDED_AT_ONCE = 20;
/** Each of them writes every five seconds, to a bot of the day. */
const USERS = { chats: 1_000, perSecond: 200, warmUpMs: 0, outstandingMax: 1_000, sendingMax: 64 } as const;
/** So many messages until what the pod keeps no longer depends on what it had at first. */
const SETTLE_MS = 8_000;
/** Every bot is loaded once; messages at once meanwhile. */
const LOADING_AT_ONCE = 16;

/** People talk to three times as many bots as may live at a time: how often a message finds its bot alive, and how long answers take. */
export async function users1000(bench: BenchRun): Promise<boolean> {
  const load = await LoadProcess.start();
  const install = await Install.start({ telegramUrl: load.telegramUrl, services: ['executor', 'runtime', 'delivery'], env: { runtime: { SANDBOX_ISOLATES_MAX: String(LIVE_MAX) } } });
  try {
    const bots = await addBots(install);
    const target = { via: 'published', natsUrl: install.broker.url, bots } as const;
    await load.drive({ ...USERS, target, chats: BOTS, perSecond: 0, outstandingMax: LOADING_AT_ONCE, ms: 0, count: BOTS });
    const drive: Drive = { ...USERS, target: { ...target, choice: 'zipf' }, ms: bench.isQuick ? QUICK_MS : FULL_MS };
    await load.drive({ ...drive, ms: SETTLE_MS });
    const { of, foreignShare } = await bench.measure({ talked: () => talk(install, load, drive) });
    const [p50Ms, p99Ms] = [median(of.talked.map((round) => round.p50Ms)), median(of.talked.map((round) => round.p99Ms))];
    console.log(`sample: ${bench.rounds} rounds of ${drive.ms / 1_000} s, ${USERS.perSecond}/s of ${USERS.chats} people to ${BOTS} bots, ${LIVE_MAX} alive; p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms; the host has ${(await residentMb(install)).toFixed(0)} MB`);
    return bench.report(
      { kind: 'absolute', figure: 'hit_rate', values: of.talked.map(({ hitRate }) => hitRate * 100), unit: '%', limit: { min: HIT_RATE_PERCENT_MIN }, foreignShare },
      { kind: 'absolute', figure: 'p95_of_answers', values: of.talked.map(({ p95Ms }) => p95Ms), unit: 'ms', limit: { max: P95_MS_MAX }, foreignShare },
    );
  } finally {
    await install.stop();
    load.stop();
  }
}

async function addBots(install: Install): Promise<BenchBot[]> {
  const bots: BenchBot[] = [];
  while (bots.length < BOTS) {
    const next = Array.from({ length: Math.min(ADDED_AT_ONCE, BOTS - bots.length) }, (_none, n) => makeBotId('bench', `u${bots.length + n}`));
    bots.push(...(await Promise.all(next.map((botId) => install.addBot(botId, FIVE_STEPS)))));
  }
  return bots;
}

async function talk(install: Install, load: LoadProcess, drive: Drive): Promise<Driven & { hitRate: number }> {
  const [cpuBefore, before] = [cpuMsByProcess(), await starts(install)];
  const driven = await load.drive(drive);
  const after = await starts(install);
  console.log(`cpu per update in µs: ${describeCpu(cpuBefore, cpuMsByProcess(), driven.sent)}`);
  const [warm, cold] = [after.warm - before.warm, after.cold - before.cold];
  return { ...driven, hitRate: warm / (warm + cold) };
}

/** Steps so far that found their isolate, and those that had to make it. */
async function starts(install: Install): Promise<{ warm: number; cold: number }> {
  const text = await metrics(install);
  const count = (start: string): number => valueOf(text, `botplane_runtime_isolates_total{start="${start}"}`);
  return { warm: count('warm'), cold: count('cold') };
}

const residentMb = async (install: Install): Promise<number> => valueOf(await metrics(install), 'botplane_runtime_host_resident_bytes{host="0"}') / 1e6;
const metrics = async (install: Install): Promise<string> => (await request(`${install.url('runtime')}/metrics`)).body.text();
const valueOf = (text: string, series: string): number => Number(text.split('\n').find((line) => line.startsWith(series))?.split(' ').at(-1) ?? 0);
