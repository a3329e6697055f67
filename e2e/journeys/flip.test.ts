import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Environment } from '../src/environment.ts';
import { localEnvironment } from '../src/local-cli.ts';
import { greeter, manifests } from '../src/manifests.ts';
import { newUserId } from '../src/simulator.ts';
import type { Person } from '../src/simulator.ts';

/** Every step of a flip at which the operator is made to exit (operator/README.md). */
const FAILPOINTS = ['after-revision-created', 'after-published', 'after-loaded', 'after-status-decision', 'after-route-put', 'after-webhook', 'before-ready-status'];

describe('[P7] the operator dies at any step of a flip', () => {
  let env: Environment;
  let person: Person;
  let token = '';
  let markers = '';
  let visits = 0;

  beforeAll(async () => {
    env = new Environment();
    markers = await mkdtemp(join(tmpdir(), 'botplane-failpoints-'));
    ({ token } = await env.simulator.makeBot('flipper'));
    await env.kubectl(['apply', '-f', '-'], manifests('flipper', token, greeter('first')));
    await env.waitFor('bot/flipper', 'Ready', 20);
    person = env.simulator.person(token, { id: newUserId(), first_name: 'Finn', language_code: 'en' });
  });

  afterAll(async () => {
    await localEnvironment(['restart', 'operator']);
    await env.kubectl(['delete', 'bot', 'flipper', '--timeout=60s']);
    await rm(markers, { recursive: true, force: true });
  });

  async function greets(): Promise<string> {
    await person.say('/start');
    visits += 1;
    const [greeting, count] = (await person.hearsText()).split(' ');
    expect(Number(count)).toBe(visits);
    return greeting ?? '';
  }

  it.each(FAILPOINTS)('%s: the bot never stops answering and ends on the right revision', async (failpoint) => {
    const before = await greets();
    await localEnvironment(['restart', 'operator', '--env', `BOTPLANE_FAILPOINTS=${failpoint}`, '--env', `BOTPLANE_FAILPOINT_DIR=${markers}`]);
    await env.kubectl(['apply', '-f', '-'], manifests('flipper', token, greeter(failpoint)));

    // While the operator dies and comes back, each answer is the old or the new revision's, and none is missing.
    const deadline = Date.now() + 30_000;
    let greeting = await greets();
    while (greeting !== failpoint && Date.now() < deadline) {
      expect(greeting).toBe(before);
      greeting = await greets();
    }
    expect(greeting).toBe(failpoint);
    expect(await readdir(markers), 'the operator never came to this step').toContain(failpoint);
    await env.waitFor('bot/flipper', 'Ready', 30);
    expect(await greets()).toBe(failpoint);
    expect((await env.simulator.webhook(token)).url).toContain('/wh/default_flipper');
  });
});
