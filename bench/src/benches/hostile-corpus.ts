import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '@botplane/e2e';
import type { BenchPool } from './sandbox-fixture.ts';

/** What a step of a hostile bot may take, and what the evaluation of its code may. */
const CPU_MS = 100;
const EVALUATE_MS = 1_000;
/** Steps that a bot makes before anything counts which attacks later: the first one, on trial, and one beside others. */
const CALM_STEPS = 2;

/** Attacks in its first step, or once it lives beside others. */
export type When = 'first' | 'later';

export interface HostileCode {
  readonly name: string;
  readonly code: string;
  /** It attacks when it is evaluated, and may not even load. */
  readonly isTopLevel: boolean;
}

interface Script {
  readonly name: string;
  readonly topLevel?: string;
}

/** All scripts of the runtime's tests, which no package carries, by group. */
export async function readCorpus(): Promise<ReadonlyMap<string, readonly HostileCode[]>> {
  const load = (name: string): Promise<unknown> => import(pathToFileURL(join(ROOT, 'services/runtime/test/corpus', name)).href);
  const { ENDLESS, GREEDY } = (await load('burning.ts')) as { ENDLESS: Script[]; GREEDY: Script[] };
  const { REACHING, SPOILING, TOP_LEVELS } = (await load('reaching.ts')) as { REACHING: Script[]; SPOILING: Script[]; TOP_LEVELS: Script[] };
  const { botOf } = (await load('hostile-script.ts')) as { botOf: (script: Script) => string };
  const coded = (scripts: readonly Script[]): HostileCode[] => scripts.map((script) => ({ name: script.name, code: botOf(script), isTopLevel: script.topLevel !== undefined }));
  return new Map(Object.entries({ endless: ENDLESS, greedy: GREEDY, reaching: REACHING, spoiling: SPOILING, topLevels: TOP_LEVELS }).map(([group, scripts]) => [group, coded(scripts)]));
}

/** Loads the bot, and lets it behave at first if so wanted; returns what makes its next step. Rejects when it does not load. */
export async function enter(pool: BenchPool, botId: string, { code }: HostileCode, when: When): Promise<() => Promise<number>> {
  if (when === 'first') return pool.load(botId, code, CPU_MS);
  const call = await pool.load(botId, calmAtFirst(code), CPU_MS);
  for (let n = 0; n < CALM_STEPS; n++) await call();
  return call;
}

/** Runs the script once; how long after its limit it has ended. That is of its evaluation, where it does not load, and else of its step. */
export async function pastLimitMs(pool: BenchPool, botId: string, script: HostileCode, when: When): Promise<number> {
  const loadedMs = performance.now();
  const call = await enter(pool, botId, script, when).catch((error: unknown) => failUnless(when === 'first' && script.isTopLevel, error));
  const startedMs = performance.now();
  const pastEvaluationMs = startedMs - loadedMs - EVALUATE_MS;
  if (call === undefined) return pastEvaluationMs;
  await call().catch((error: unknown) => failUnless(wasRun(error), error)); // One that found no room has ended soon, and shown nothing.
  return Math.max(pastEvaluationMs, performance.now() - startedMs - CPU_MS);
}

function failUnless(isFine: boolean, error: unknown): undefined {
  if (!isFine) throw error;
}

const wasRun = (error: unknown): boolean => !['OVERLOADED', 'HOST_LOST', 'NOT_LOADED'].includes((error as { code?: string }).code ?? '');

/** The same bot, but the first step in each isolate does no harm. */
const calmAtFirst = (code: string): string => `let steps = 0;
const calm = JSON.stringify({ state: {}, effects: [], timers: [], events: [], outcome: { kind: 'handled' } });
const attack = (text) => { ${code}; return globalThis.botplane.run(text); };
globalThis.botplane = { run: (text) => (steps++ === 0 ? calm : attack(text)) };`;
