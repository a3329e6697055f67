import type { BenchRun } from '../framework/bench-run.ts';
import { openLoop } from '../framework/open-loop.ts';
import { percentile } from '../framework/statistics.ts';
import { enter, pastLimitMs, readCorpus } from './hostile-corpus.ts';
import type { HostileCode, When } from './hostile-corpus.ts';
import { BenchPool, exampleCode } from './sandbox-fixture.ts';

const RATIO_MAX = 1.5;
const HOSTS = 2;
const NEIGHBOURS = 40;
const NEIGHBOUR_CALLS_PER_SECOND = 200;
/** As often as a bot may be retried, and longer than its limit. */
const ATTACK_EVERY_MS = 500;
const FULL_MS = 5_000;
const QUICK_MS = 2_000;
const SCRIPTS_QUICK = 3;
/** Of each group, in a quick run. */
const ONCE_QUICK = 3;
/** How long after its limit each script has ended at the latest. */
const PAST_LIMIT_MS_MAX = 1_000;
/** The neighbours of scripts that run once talk in pieces of this length. */
const TALK_MS = 250;

/**
 * What bots of others notice of each script of the hostile corpus that never ends or is greedy, while its bot gets update after update: when it
 * attacks in its first step, and when it behaves at first, so that it is among them already. And how long after its limit each script of the
 * whole corpus has ended, amid the same neighbours.
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
    const burning = ['endless', 'greedy'].flatMap((group) => corpus.get(group) ?? []);
    const scripts = bench.isQuick ? spread(burning, SCRIPTS_QUICK * bench.rounds) : burning;
    const next = { first: 0, later: 0 };
    let bots = 0;
    const worst: { name: string; p95Ms: number }[] = [];
    const attacked = async (when: When): Promise<number> => {
      const all: number[] = [];
      for (let n = 0; n < Math.ceil(scripts.length / bench.rounds); n++) {
        const script = scripts[next[when]++ % scripts.length] as HostileCode;
        const stop = attack(pool, `hostile${++bots}`, script, when);
        const times = await talk(ms);
        await stop();
        worst.push({ name: `${script.name} (${when})`, p95Ms: percentile(times, 0.95) });
        all.push(...times);
      }
      return percentile(all, 0.95);
    };
    const sweep = new Sweep(pool, [...corpus.values()].flatMap((group) => (bench.isQuick ? spread(group, ONCE_QUICK) : group)), () => talk(TALK_MS));
    const once = (): Promise<void> => sweep.runPart(bench.rounds);
    const { of, foreignShare } = await bench.measure({ alone: async () => percentile(await talk(ms * 2), 0.95), first: () => attacked('first'), later: () => attacked('later'), once });
    const [first] = worst.toSorted((a, b) => b.p95Ms - a.p95Ms);
    console.log(`sample: ${worst.length} scripts for ${ms / 1_000} s each, an update every ${ATTACK_EVERY_MS} ms; worst: ${first?.name} with ${first?.p95Ms.toFixed(1)} ms`);
    console.log(`once: ${sweep.describe()}`);
    return bench.report(
      { kind: 'ratio', figure: 'p95_ms_of_neighbours', ours: of.first, reference: of.alone, goal: { max: RATIO_MAX }, foreignShare },
      { kind: 'ratio', figure: 'p95_ms_of_neighbours_attacked_later', ours: of.later, reference: of.alone, goal: { max: RATIO_MAX }, foreignShare },
      { kind: 'absolute', figure: 'ms_past_the_limit', values: [sweep.longestMs], unit: ' ms', limit: { max: PAST_LIMIT_MS_MAX }, foreignShare },
    );
  } finally {
    pool.stop();
  }
}

/** Runs scripts one after the other, each once from its first step on and once after it behaved at first. */
class Sweep {
  private readonly turns: readonly { script: HostileCode; when: When }[];
  private readonly ends: { name: string; pastMs: number }[] = [];

  constructor(
    private readonly pool: BenchPool,
    scripts: readonly HostileCode[],
    private readonly talk: () => Promise<unknown>,
  ) {
    this.turns = (['first', 'later'] as const).flatMap((when) => scripts.map((script) => ({ script, when })));
  }

  get longestMs(): number {
    return Math.max(...this.ends.map(({ pastMs }) => pastMs));
  }

  /** The next of so many equal parts; after the last one it begins anew. */
  async runPart(parts: number): Promise<void> {
    let isOver = false;
    const talking = (async () => {
      while (!isOver) await this.talk();
    })();
    try {
      for (let n = 0; n < Math.ceil(this.turns.length / parts); n++) await this.runNext();
    } finally {
      isOver = true;
      await talking;
    }
  }

  describe(): string {
    const [worst] = this.ends.toSorted((a, b) => b.pastMs - a.pastMs);
    return `${new Set(this.turns.map(({ script }) => script.name)).size} scripts of all groups, ${this.ends.length} runs; longest past its limit: ${worst?.name} with ${worst?.pastMs.toFixed(0)} ms`;
  }

  private async runNext(): Promise<void> {
    const nth = this.ends.length;
    const { script, when } = this.turns[nth % this.turns.length] as { script: HostileCode; when: When };
    this.ends.push({ name: `${script.name} (${when})`, pastMs: await pastLimitMs(this.pool, `once${nth}`, script, when) });
  }
}

/** Lets the bot run its script again and again; returns how to end that. */
function attack(pool: BenchPool, botId: string, script: HostileCode, when: When): () => Promise<void> {
  const over = new AbortController();
  const calls: Promise<unknown>[] = [];
  const loading = enter(pool, botId, script, when).catch(() => undefined); // Some do not even load.
  const timer = setInterval(() => {
    calls.push(loading.then(async (call) => {
      if (!call || over.signal.aborted) return;
      await call().catch(() => undefined);
    }));
  }, ATTACK_EVERY_MS);
  return async () => {
    over.abort();
    clearInterval(timer);
    await Promise.all(calls);
  };
}

const spread = <T>(items: readonly T[], count: number): T[] => (items.length <= count ? [...items] : Array.from({ length: count }, (_none, n) => items[Math.floor((n * items.length) / count)] as T));
