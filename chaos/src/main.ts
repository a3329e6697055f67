import { readConfig } from './config.ts';
import { resultLine, runScenario } from './run-scenario.ts';
import { SCENARIOS } from './scenarios/index.ts';
import { World } from './world/world.ts';

/** Prints a line of a scenario's progress. */
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const wanted = process.argv[2] ?? '';
  const names = wanted === '' ? Object.keys(SCENARIOS) : [wanted];
  const unknown = names.find((name) => SCENARIOS[name] === undefined);
  if (unknown !== undefined) {
    process.stderr.write(`no scenario is called ${unknown}; there are: ${Object.keys(SCENARIOS).join(', ')}\n`);
    process.exitCode = 1;
    return;
  }
  const { seed, plan } = readConfig();
  for (const name of names) if (!(await runOne(name, seed, plan))) process.exitCode = 1;
}

/** A world of its own, so that nothing of one scenario can excuse another. */
async function runOne(name: string, seed: number, plan: ReturnType<typeof readConfig>['plan']): Promise<boolean> {
  const scenario = SCENARIOS[name]?.();
  if (scenario === undefined) return false;
  print(`chaos ${name}: ${plan.updates} updates over ${plan.chats} chats, SEED=${seed}; starting servers and services …`);
  let world: World | undefined;
  try {
    world = await World.start();
    const outcome = await runScenario(name, scenario, { world, plan, seed, print: (line) => print(`  ${line}`) });
    for (const line of [...outcome.problems.slice(0, 20), ...outcome.examples]) print(`  ! ${line}`);
    if (outcome.unexpected > 0) print(`  ! ${outcome.unexpected} texts that no bot should have sent`);
    print(resultLine(outcome));
    return outcome.isOk;
  } catch (error) {
    print(`  ! ${(error as Error).message}`);
    print(`chaos ${name}: injected=0 lost=0 duplicated=0 reordered=0 failed`);
    return false;
  } finally {
    await world?.stop();
  }
}

await main();
