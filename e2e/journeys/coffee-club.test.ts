import { beforeAll, describe, expect, it } from 'vitest';
import { Environment } from '../src/environment.ts';
import { exampleBot, exampleToken } from '../src/manifests.ts';

/** What a new user does after `make up` (README), through kubectl and the simulator only. */
describe('[C6] coffee-club from kubectl apply to delete', () => {
  let env: Environment;
  const token = exampleToken('coffee-club');
  const revisionOf = async (): Promise<string> => {
    const bot = await env.getJson<{ status: { stableRevision: string } }>('bot/coffee-club');
    return bot.status.stableRevision;
  };
  let firstRevision = '';

  beforeAll(() => {
    env = new Environment();
  });

  it('[C1] is Ready within 10 s of kubectl apply, and its objects are to be seen', async () => {
    await env.kubectl(['apply', '-f', 'examples/coffee-club/']);
    await env.waitFor('bot/coffee-club', 'Ready', 10);
    await env.waitFor('bot/coffee-club', 'Available', 10);
    firstRevision = await revisionOf();

    const table = await env.kubectl(['get', 'bots,botrevisions,botruntimes,deployments,pods', '-A']);
    expect(table).toContain('bot.botplane.dev/coffee-club');
    expect(table).toContain(`botrevision.botplane.dev/${firstRevision}`);
    expect(table).toContain('botruntime.botplane.dev/default');
    expect(table).toMatch(/deployment\.apps\/\S*default/);
    expect(table).toMatch(/pod\/\S*default\S+\s+1\/1\s+Running/);
  });

  it('[P1] takes an order in German with a slip on the way', async () => {
    const anna = env.simulator.person(token, { id: 501, first_name: 'Anna', language_code: 'de' });
    await anna.say('/start');
    expect(await anna.hearsText()).toBe('Hallo Anna! Was darf es sein?');
    await anna.tap('Bestellen');
    expect(await anna.hearsText()).toBe('Which size?');
    await anna.tap('Small');
    expect(await anna.hearsText()).toBe('Your e-mail for the receipt?');
    await anna.say('not an address');
    expect(await anna.hearsText()).toBe('That does not look like an e-mail. Try again.');
    await anna.say('anna@example.org');
    expect(await anna.hearsText()).toBe('A small coffee is 3 €.');
    expect(await anna.hearsText()).toBe('Thanks! Your first coffee.');
  });

  it('registered its commands with Telegram, once plain and once per further language', async () => {
    const calls = await env.simulator.calls(token, '&method=setMyCommands');
    const languages = new Set(calls.map((call) => call.params['language_code'] ?? ''));
    expect(languages).toEqual(new Set(['', 'de', 'uk']));
  });

  it('[P7] answers the next conversation by the new revision after an edit, and ends a running one by the old', async () => {
    const dan = env.simulator.person(token, { id: 504, first_name: 'Dan', language_code: 'en' });
    await dan.say('/order');
    expect(await dan.hearsText()).toBe('Which size?');

    const bot = exampleBot('coffee-club');
    const localization = bot.spec.botSpec['localization'] as { en: Record<string, string> };
    Object.assign(localization.en, { hello: 'Good evening {{context.user.first_name}}!', email: 'And your e-mail?' });
    await env.kubectl(['apply', '-f', '-'], JSON.stringify(bot));
    await expect.poll(revisionOf, { timeout: 10_000 }).not.toBe(firstRevision);
    await env.waitFor('bot/coffee-club', 'Ready', 10);

    const ben = env.simulator.person(token, { id: 502, first_name: 'Ben', language_code: 'en' });
    await ben.say('/start');
    expect(await ben.hearsText()).toBe('Good evening Ben!');

    await dan.say('large');
    expect(await dan.hearsText()).toBe('Your e-mail for the receipt?');
    await dan.say('/start');
    expect(await dan.hearsText()).toBe('Good evening Dan!');
  });

  it('[P7] brings the old revision back when spec.revisionName names it', async () => {
    await env.kubectl(['patch', 'bot', 'coffee-club', '--type=merge', '-p', JSON.stringify({ spec: { revisionName: firstRevision } })]);
    await expect.poll(revisionOf).toBe(firstRevision);
    await env.waitFor('bot/coffee-club', 'Pinned', 10);

    const cleo = env.simulator.person(token, { id: 503, first_name: 'Cleo', language_code: 'en' });
    await cleo.say('/start');
    expect(await cleo.hearsText()).toBe('Hi Cleo! What would you like?');
  });

  it('removes the webhook when it is deleted', async () => {
    expect((await env.simulator.webhook(token)).url).toContain('/wh/default_coffee-club');
    await env.kubectl(['delete', 'bot', 'coffee-club', '--timeout=60s']);
    expect((await env.simulator.webhook(token)).url).toBe('');
    // The garbage collector takes them in its own time.
    await expect.poll(() => env.kubectl(['get', 'botrevisions', '-o', 'name'])).not.toContain('coffee-club');
  });
});
