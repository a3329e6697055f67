import { beforeAll, expect, it } from 'vitest';
import { Environment } from '../src/environment.ts';
import { greeter, manifests } from '../src/manifests.ts';

let env: Environment;
beforeAll(() => {
  env = new Environment();
});

const USERS = 20;

it('[P9] two bots with the same flow names and 20 users at once: nobody sees the state of another', async () => {
  const bots = await Promise.all(
    ['north', 'south'].map(async (name) => {
      const { token } = await env.simulator.makeBot(name);
      await env.kubectl(['apply', '-f', '-'], manifests(name, token, greeter(name)));
      await env.waitFor(`bot/${name}`, 'Ready', 20);
      return { name, token };
    }),
  );

  const talks = bots.flatMap(({ name, token }) =>
    Array.from({ length: USERS }, async (_, index) => {
      const person = env.simulator.person(token, { id: 7000 + index, first_name: `User${index}`, language_code: 'en' });
      const city = `${name}-city-${index}`;
      await person.say('/trip');
      const asked = await person.hearsText();
      await person.say(city);
      const days = await person.hearsText();
      await person.say('3');
      return { heard: [asked, days, await person.hearsText()], wanted: [`${name}: where to?`, `How many days in ${city}?`, `${name}: off to ${city}!`] };
    }),
  );
  for (const { heard, wanted } of await Promise.all(talks)) expect(heard).toEqual(wanted);

  await env.kubectl(['delete', 'bot', 'north', 'south', '--timeout=60s']);
});
