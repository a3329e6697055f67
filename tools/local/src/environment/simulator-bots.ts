import type { ExampleBot } from './example-bots.ts';

/** Tells the simulator about a bot; the same token again is the same bot. Returns its username. */
export async function registerBot(simulatorUrl: string, bot: ExampleBot): Promise<string> {
  const response = await fetch(`${simulatorUrl}/_sim/bots`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(bot),
  });
  if (!response.ok) throw new Error(`the simulator refused ${bot.username}: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { username: string }).username;
}
