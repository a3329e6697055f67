// What `helm test` runs: is every service there, and does a bot answer? Plain Node, no packages.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const { KUBERNETES_URL, TOKEN_FILE, NAMESPACE, DEPLOYMENTS = '', RUNTIME = '', SIMULATOR_URL = '' } = process.env;
/** Waiting for one thing, milliseconds. */
const WAIT_MS_MAX = 120_000;
const POLL_MS = 500;
const REQUEST_MS_MAX = 10_000;
const NAME = 'botplane-test';

const BOTS = `/apis/botplane.dev/v1alpha1/namespaces/${NAMESPACE}/bots`;
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`;

for (const name of DEPLOYMENTS.split(',').filter(Boolean)) {
  await until(`Deployment ${name} is available`, async () => {
    const { status } = await kubernetes('GET', `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${name}`);
    return (status.availableReplicas ?? 0) > 0;
  });
}
if (RUNTIME !== '') {
  const path = `/apis/botplane.dev/v1alpha1/namespaces/${NAMESPACE}/botruntimes/${RUNTIME}`;
  await until(`BotRuntime ${RUNTIME} is Available`, async () => isTrue(await kubernetes('GET', path), 'Available'));
}
if (SIMULATOR_URL !== '') await talk();
console.log('ok');

/** Applies a bot, says hello to it and deletes it, whatever comes between. */
async function talk() {
  const { token } = await simulator('POST', 'bots', {});
  await remove();
  try {
    await kubernetes('POST', SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { name: NAME }, stringData: { token } });
    await kubernetes('POST', BOTS, bot());
    await until(`Bot ${NAME} is Ready`, async () => isTrue(await kubernetes('GET', `${BOTS}/${NAME}`), 'Ready'));
    const from = { id: 4_242, is_bot: false, first_name: 'Ann' };
    const { message_id: said } = await simulator('POST', 'messages', { token, from, text: 'hello' });
    await until('the bot answers', async () => {
      const { messages } = await simulator('GET', `chats/${token}/${from.id}/messages?after=${said}&wait=5`);
      return messages.some((message) => message.from.is_bot && message.text === 'You said hello.');
    });
  } finally {
    await remove();
  }
}

function bot() {
  const flows = { echo: { steps: [{ reply: { text: 'You said {{context.message.text}}.' } }] } };
  const botSpec = { meta: { name: 'Test', locales: ['en'], defaultLocale: 'en' }, fallback: { flow: 'echo' }, flows };
  return { apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', metadata: { name: NAME }, spec: { platform: 'Telegram', tokenSecretRef: { name: NAME, key: 'token' }, botSpec } };
}

async function remove() {
  await kubernetes('DELETE', `${BOTS}/${NAME}`, undefined, [404]);
  await until(`Bot ${NAME} is gone`, async () => (await kubernetes('GET', `${BOTS}/${NAME}`, undefined, [404])).code === 404);
  await kubernetes('DELETE', `${SECRETS}/${NAME}`, undefined, [404]);
}

function isTrue({ metadata, status = {} }, type) {
  const found = status.conditions?.find((condition) => condition.type === type);
  return status.observedGeneration === metadata.generation && found?.status === 'True';
}

async function until(what, holds) {
  const endMs = Date.now() + WAIT_MS_MAX;
  let last;
  while (Date.now() < endMs) {
    try {
      if (await holds()) return console.log(`✓ ${what}`);
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(POLL_MS);
  }
  throw new Error(`✗ not within ${WAIT_MS_MAX / 1_000} s: ${what}`, { cause: last });
}

function kubernetes(method, path, body, allowed = []) {
  // The token is read each time, since it is renewed.
  return request(method, KUBERNETES_URL + path, body, { authorization: `Bearer ${readFileSync(TOKEN_FILE, 'utf8').trim()}` }, allowed);
}

function simulator(method, path, body) {
  return request(method, `${SIMULATOR_URL}/_sim/${path}`, body);
}

async function request(method, url, body, headers = {}, allowed = []) {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url, { method, ...content, headers: { 'content-type': 'application/json', ...headers }, signal: AbortSignal.timeout(REQUEST_MS_MAX) });
  const text = await response.text();
  if (!response.ok && !allowed.includes(response.status)) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}
