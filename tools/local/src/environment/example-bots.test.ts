import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { exampleBots, usernameOf } from './example-bots.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'examples-'));
  mkdirSync(join(folder, 'shop'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): void => writeFileSync(join(folder, 'shop', name), text);

const bot = 'kind: Bot\nmetadata: {name: coffee-club}\nspec: {tokenSecretRef: {name: shop, key: bot-token}}\n';

it('finds the token of a Bot in the Secret that it names, in whatever file', () => {
  write('bot.yaml', bot);
  write('secret.yaml', '# none\n---\nkind: Secret\nmetadata: {name: shop}\nstringData: {bot-token: "1:abc"}\n');
  expect(exampleBots(folder)).toEqual([{ token: '1:abc', username: 'coffee_club_bot' }]);
});

it('decodes data, and leaves out a Bot whose Secret or key is not there', () => {
  write('bot.yaml', `${bot}---\nkind: Secret\nmetadata: {name: shop}\ndata: {bot-token: MTphYmM=}\n`);
  expect(exampleBots(folder)).toEqual([{ token: '1:abc', username: 'coffee_club_bot' }]);
  write('bot.yaml', `${bot}---\nkind: Secret\nmetadata: {name: shop}\ndata: {token: MTphYmM=}\n`);
  expect(exampleBots(folder)).toEqual([]);
});

it.each([
  ['echo', 'echo_bot'],
  ['my-bot', 'my_bot'],
])('the bot %s is @%s', (name, username) => {
  expect(usernameOf(name)).toBe(username);
});
