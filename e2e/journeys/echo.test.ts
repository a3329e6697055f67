import { beforeAll, expect, it } from 'vitest';
import { Environment } from '../src/environment.ts';
import { exampleToken } from '../src/manifests.ts';

let env: Environment;
beforeAll(() => {
  env = new Environment();
});

it('[C6] the sample bot of `make up` repeats what people say', async () => {
  await env.kubectl(['apply', '-f', 'examples/echo/']);
  await env.waitFor('bot/echo', 'Ready');
  const dora = env.simulator.person(exampleToken('echo'), { id: 601, first_name: 'Dora', language_code: 'en' });
  await dora.say('/start');
  expect(await dora.hearsText()).not.toBe('');
  for (const text of ['hello', 'grüß dich', '🥐 <b>not bold</b>', '{{state.x}}']) {
    await dora.say(text);
    expect(await dora.hearsText()).toBe(text);
  }
});
