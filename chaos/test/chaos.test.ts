import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planOf } from '../src/config.ts';
import { QUICK } from '../src/limits.ts';
import { resultLine, runScenario } from '../src/run-scenario.ts';
import type { Outcome } from '../src/run-scenario.ts';
import { SCENARIOS } from '../src/scenarios/index.ts';
import { World } from '../src/world/world.ts';

const SEED = 7;
/** Far above the usual 10 to 20 s: the machine may be busy with other tests. */
const TEST_MS_MAX = 180_000;

/** One world for all: starting it takes longer than most of the runs. The services are the built ones. */
let world: World;

beforeAll(async () => {
  world = await World.start();
}, TEST_MS_MAX);

afterAll(async () => world.stop());

async function run(name: string): Promise<Outcome> {
  const scenario = SCENARIOS[name]?.();
  if (scenario === undefined) throw new Error(`there is no ${name}`);
  return runScenario(name, scenario, { world, plan: planOf(QUICK, QUICK.updates), seed: SEED, print: () => undefined });
}

describe('[K1] under load, nothing is lost, doubled or overtaken', () => {
  it.each(Object.keys(SCENARIOS))('%s', async (name) => {
    const outcome = await run(name);
    expect([...outcome.problems, ...outcome.examples]).toEqual([]);
    expect(resultLine(outcome)).toBe(`chaos ${name}: injected=${QUICK.updates} lost=0 duplicated=0 reordered=0 ok`);
  }, TEST_MS_MAX);
});
