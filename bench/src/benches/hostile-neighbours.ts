import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '@botplane/e2e';
import type { BenchRun } from '../framework/bench-run.ts';
import { openLoop } from '../framework/open-loop.ts';
import { percentile } from '../framework/statistics.ts';
import { BenchPool, exampleCode } from './sandbox-fixture.ts';

const RATIO_MAX = 1.5;
const HOSTS = 2;
const NEIGHBOURS = 40;
const NEIGHBOUR_CALLS_PER_SECOND = 200;
/** As often as a bot may be retried, and longer than its limit. */
const ATTACK_EVERY_MS = 500;
const FULL_MS = 5_000;
const QUICK_MS = 2_500;
const SCRIPTS_QUICK = 3;
/** How long after its limit each script's first step has ended at the latest. */
const PAST_LIMIT_MS_MAX = 1_000;
/** The hostile bot's own limit; what neighbours wait for. */
const ATTACKER_CPU_MS = 100;

interface Script {
  name: string;
}
interface Corpus {
  scripts: readonly Script[];
  codeOf: (script: Script) => string;
}

/** Steps that a bot makes before anything counts which attacks later: the first one, on trial, and one beside others. */
const CALM_STEPS = 2;

/**
 * What bots of others notice of each script of the hostile corpus that never ends or is greedy, while its bot gets update after update: when it
 * attacks in its first step, and when it behaves at first, so that it is among them already.
 */
export async function hostileNeighbours(bench: BenchRun): Promise<boolean> {
  const corpus = await readCorpus();
  const pool = await BenchPool.start(NEIGHBOURS * 2, { hosts: HOSTS });
  try {
    const code = exampleCode();
    const neighbours: (() => Promise<number>)[] = [];
    for (let n = 0; n < NEIGHBOURS; n++) neighbours.push(await pool.loadProven(`neighbour${n}`, code));
    const talk = async (ms: number): Promise<number[]> => {
      const { latenciesMs } = await openLoop({ ratePerSecond: NEIGHBOUR_CALLS_PER_SECOND, durationMs: ms, inFlightMax: 1_000, send: (n) => (neighbours[n % NEIGHBOURS] as () => Promise<number>)().then(() => true) });
      return latenciesMs;
    };
    const ms = bench.isQuick ? QUICK_MS : FULL_MS;
    const scripts = bench.isQuick ? spread(corpus.scripts, SCRIPTS_QUICK * bench.rounds) : corpus.scripts;
    const perRound = Math.ceil(scripts.length / bench.rounds);
    const next = { first: 0, later: 0 };
    let bots = 0;
    const worst: { name: string; p95Ms: number; pastLimitMs: number }[] = [];
    const attacked = async (when: 'first' | 'later'): Promise<number> => {
      const all: number[] = [];
      for (let n = 0; n < perRound; n++) {
        const script = scripts[next[when]++ % scripts.length] as Script;
        const stop = attack(pool, `hostile${++bots}`, corpus.codeOf(script), when);
        const times = await talk(ms);
        worst.push({ name: `${script.name} (${when})`, p95Ms: percentile(times, 0.95), pastLimitMs: (await stop()) - ATTACKER_CPU_MS });
        all.push(...times);
      }
      return percentile(all, 0.95);
    };
    const { of, foreignShare } = await bench.measure({ alone: async () => percentile(await talk(ms * 2), 0.95), first: () => attacked('first'), later: () => attacked('later') });
    const [first] = worst.toSorted((a, b) => b.p95Ms - a.p95Ms);
    console.log(`sample: ${worst.length} scripts for ${ms / 1_000} s each, an update every ${ATTACK_EVERY_MS} ms; worst: ${first?.name} with ${first?.p95Ms.toFixed(1)} ms`);
    return bench.report(
      { kind: 'ratio', figure: 'p95_ms_of_neighbours', ours: of.first, reference: of.alone, goal: { max: RATIO_MAX }, foreignShare },
      { kind: 'ratio', figure: 'p95_ms_of_neighbours_attacked_later', ours: of.later, reference: of.alone, goal: { max: RATIO_MAX }, foreignShare },
      { kind: 'absolute', figure: 'ms_past_the_limit', values: [Math.max(...worst.map(({ pastLimitMs }) => pastLimitMs))], unit: ' ms', limit: { max: PAST_LIMIT_MS_MAX }, foreignShare },
    );
  } finally {
    pool.stop();
  }
}

/** Lets the bot run its script again and again; returns how to end that, and then how long its first attack took, 0 when it did not load. */
function attack(pool: BenchPool, botId: string, code: string, when: 'first' | 'later'): () => Promise<number> {
  const over = new AbortController();
  const calls: Promise<unknown>[] = [];
  let firstMs: number | undefined;
  const loading = enter(pool, botId, code, when).catch(() => undefined); // Some do not even load.
  const timer = setInterval(() => {
    calls.push(loading.then(async (call) => {
      if (!call || over.signal.aborted) return;
      const startedMs = performance.now();
      await call().catch(() => undefined);
      firstMs ??= performance.now() - startedMs;
    }));
  }, ATTACK_EVERY_MS);
  return async () => {
    over.abort();
    clearInterval(timer);
    await Promise.all(calls);
    return firstMs ?? 0;
  };
}

async function enter(pool: BenchPool, botId: string, code: string, when: 'first' | 'later'): Promise<() => Promise<number>> {
  if (when === 'first') return pool.load(botId, code, ATTACKER_CPU_MS);
  const call = await pool.load(botId, calmAtFirst(code), ATTACKER_CPU_MS);
  for (let n = 0; n < CALM_STEPS; n++) await call();
  return call;
}

/** The same bot, but the first step in each isolate does no harm. */
const calmAtFirst = (code: string): string => `let steps = 0;
const calm = JSON.stringify({ state: {}, effects: [], timers: [], events: [], outcome: { kind: 'handled' } });
const attack = (text) => { ${code}; return globalThis.botplane.run(text); };
globalThis.botplane = { run: (text) => (steps++ === 0 ? calm : attack(text)) };`;

/** The corpus of the runtime's tests, which no package carries. */
async function readCorpus(): Promise<Corpus> {
  const load = (name: string): Promise<unknown> => import(pathToFileURL(join(ROOT, 'services/runtime/test/corpus', name)).href);
  const { ENDLESS, GREEDY } = (await load('burning.ts')) as { ENDLESS: Script[]; GREEDY: Script[] };
  const { botOf } = (await load('hostile-script.ts')) as { botOf: (script: Script) => string };
  return { scripts: [...ENDLESS, ...GREEDY], codeOf: botOf };
}

const spread = <T>(items: readonly T[], count: number): T[] => Array.from({ length: count }, (_none, n) => items[Math.floor((n * items.length) / count)] as T);
