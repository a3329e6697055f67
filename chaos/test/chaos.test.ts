import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planOf } from '../src/config.ts';
import { QUICK } from '../src/limits.ts';
import { resultLine, runScenario } from '../src/run-scenario.ts';
import type { Outcome } from '../src/run-scenario.ts';
import { failpoints } from '../src/scenarios/failpoints.ts';
import { SCENARIOS } from '../src/scenarios/index.ts';
import type { Scenario } from '../src/scenarios/scenario.ts';
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

/** Each service's points for themselves: one after the other, since every crash costs seconds. */
const SHORT: readonly (readonly [string, Scenario])[] = [
  ...Object.entries(SCENARIOS).filter(([name]) => name !== 'failpoints').map(([name, make]) => [name, make()] as const),
  ...(['executor', 'delivery'] as const).map((kind) => [`failpoints of ${kind}`, failpoints([kind])] as const),
];

describe('[K1] under load, nothing is lost, doubled or overtaken', () => {
  it.each(SHORT)('%s', async (name, scenario) => {
    const outcome: Outcome = await runScenario(name, scenario, { world, plan: planOf(QUICK, QUICK.updates), seed: SEED, print: () => undefined });
    expect([...outcome.problems, ...outcome.examples]).toEqual([]);
    expect(resultLine(outcome)).toBe(`chaos ${name}: injected=${QUICK.updates} lost=0 duplicated=0 reordered=0 ok`);
  }, TEST_MS_MAX);
});
