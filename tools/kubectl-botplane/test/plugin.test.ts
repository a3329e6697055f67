import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { chatMark, sha256Hex } from '@botplane/domain';
import { BOTS, BOT_REVISIONS, BOT_RUNTIMES, CONFIG_MAPS, EVENTS, K8sClient, NAMESPACES, NODES, PODS, SERVICE_ACCOUNTS, typed } from '@botplane/k8s';
import type { Bot, BotRevision, BotRuntime } from '@botplane/k8s';
import { becomesTrue, generateServerCertificate, startControlPlane, toolPath } from '@botplane/testing';
import type { TestControlPlane } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

// The built plugin, started by the real kubectl, against a real kube-apiserver. The operator's part, status, is written by the test.
const BIN = join(import.meta.dirname, '../../../node_modules/.bin');
const BOT = typed<Bot>(BOTS);
const REVISION = typed<BotRevision>(BOT_REVISIONS);
let cluster: TestControlPlane;
let client: K8sClient;

beforeAll(async () => {
  if (!existsSync(join(import.meta.dirname, '../dist/main.js'))) throw new Error('not built: run make build');
  cluster = await startControlPlane({ crds: true });
  client = new K8sClient({ kubeconfigPath: cluster.kubeconfig });
});
afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

interface Ended { code: number; out: string; err: string }

const env = () => ({ ...process.env, PATH: [BIN, dirname(toolPath('kubectl')), process.env['PATH']].join(delimiter), KUBECONFIG: cluster.kubeconfig, NODE_OPTIONS: '' });

/** `kubectl …` as a person types it. */
function kubectl(args: string[], stdin?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(toolPath('kubectl'), args, { env: env() }, (error, out, err) => resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out: out.trim(), err: err.trim() }));
    child.stdin?.end(stdin);
  });
}
const botplane = (...args: string[]): Promise<Ended> => kubectl(['botplane', ...args]);

const spec = (text: string) => ({
  meta: { name: 'Echo', locales: ['en'], defaultLocale: 'en' }, commands: [{ command: 'start', description: 'Start', flow: 'hello' }], fallback: { flow: 'hello' },
  flows: { hello: { steps: [{ reply: { text } }] } }, tests: [{ name: 'says it', steps: [{ say: '/start' }, { expect: { text } }] }],
});
const manifest = (name: string, namespace: string, botSpec: object, rollout?: object) => ({
  apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', metadata: { name, namespace }, spec: { platform: 'Telegram', tokenSecretRef: { name }, botSpec, ...(rollout ? { rollout } : {}) },
});

/** A Bot that a person applied, with two revisions, in the middle of a canary. */
async function rollingBot(rollout: object = { strategy: 'Canary', steps: [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }, { pause: {} }] }): Promise<{ namespace: string; read: () => Promise<Bot>; write: (status: NonNullable<Bot['status']>) => Promise<void> }> {
  const namespace = `t-${Math.random().toString(36).slice(2, 10)}`;
  await client.create(NAMESPACES, { metadata: { name: namespace } });
  const applied = await kubectl(['apply', '-f', '-'], stringify(manifest('echo', namespace, spec('two'), rollout)));
  expect(applied.err).toBe('');
  const ref = { namespace, name: 'echo' };
  const read = async (): Promise<Bot> => (await client.get(BOT, ref)) as Bot;
  const bot = await read();
  const ready = (reason: string) => [{ type: 'Ready', status: 'True' as const, reason, message: '', lastTransitionTime: '2026-11-21T00:00:00Z' }];
  for (const [name, text] of [['echo-22222222', 'one'], ['echo-11111111', 'two']] as const) {
    const made = await client.create(REVISION, { metadata: { name, namespace }, spec: { botRef: { name: 'echo' }, source: { botSpec: spec(text) } } } as never);
    await client.replaceStatus(REVISION, { ...made, status: { runtime: `${namespace}_pool`, conditions: ready('Ready') } });
  }
  const write = async (status: NonNullable<Bot['status']>): Promise<void> => void (await client.replaceStatus(BOT, { ...(await read()), status }));
  await write({
    observedGeneration: bot.metadata.generation ?? 1, servingState: 'Serving', latestCreatedRevision: 'echo-11111111', latestReadyRevision: 'echo-11111111', stableRevision: 'echo-22222222',
    canaryRevision: 'echo-11111111', canaryWeight: 10, currentStep: 1,
    conditions: [
      { type: 'Ready', status: 'False', reason: 'RolloutPaused', message: 'echo-11111111 serves 10 %', lastTransitionTime: '2026-11-21T00:00:00Z' },
      { type: 'RolloutPaused', status: 'True', reason: 'Step', message: '', lastTransitionTime: '2026-11-21T00:00:00Z' },
    ],
  });
  return { namespace, read, write };
}

const owners = (bot: Bot): string[] => (bot.metadata.managedFields as { manager: string; operation: string }[]).map(({ manager, operation }) => `${manager}/${operation}`);

interface Kubelet { write: (line: string) => void; followers: () => number; stop: () => void }

/** The log endpoint of a node on which an executor's pod has said these lines. */
async function startKubelet(namespace: string, lines: readonly string[]): Promise<Kubelet> {
  const { caCert, caKey } = cluster.files;
  const { cert, key } = await generateServerCertificate('node', { cert: readFileSync(caCert, 'utf8'), key: readFileSync(caKey, 'utf8') }, ['localhost'], ['127.0.0.1']);
  const followers = new Set<ServerResponse>();
  const server = createServer({ cert, key }, ({ url = '' }, response) => {
    const query = new URL(url, 'https://node').searchParams;
    const tail = Number(query.get('tailLines') ?? lines.length);
    response.write(lines.slice(lines.length - tail).map((line) => `${line}\n`).join(''));
    if (query.get('follow') !== 'true') return void response.end();
    response.flushHeaders();
    followers.add(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const node = `node-${namespace}`;
  await client.create(NODES, { metadata: { name: node } });
  const status = { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: (server.address() as AddressInfo).port } } };
  await client.patch(NODES, { name: node }, { type: 'strategic', body: { status } }, { subresource: 'status' });
  await client.create(SERVICE_ACCOUNTS, { metadata: { name: 'default', namespace } }); // The controller manager's part; pods need it.
  const labels = { 'app.kubernetes.io/part-of': 'botplane', 'app.kubernetes.io/name': 'executor' };
  const spec = { nodeName: node, containers: [{ name: 'main', image: 'executor' }], automountServiceAccountToken: false };
  const pod = await client.create(PODS, { metadata: { name: 'executor-0', namespace, labels }, spec } as never);
  await client.replaceStatus(PODS, { ...pod, status: { phase: 'Running' } });
  return {
    write: (line) => followers.forEach((response) => response.write(`${line}\n`)),
    followers: () => followers.size,
    stop: () => (server.closeAllConnections(), void server.close()),
  };
}

describe('[C6] kubectl botplane', () => {
  it('is found by kubectl, lists its commands, and refuses what it does not know', async () => {
    expect((await kubectl(['plugin', 'list'])).out).toContain('kubectl-botplane');
    expect(await botplane('help')).toMatchObject({ code: 0, out: expect.stringContaining('kubectl botplane promote BOT') as string });
    expect(await botplane('promot', 'echo')).toMatchObject({ code: 2, err: expect.stringContaining('no command “promot”') as string });
    expect(await botplane('status', 'echo', '--context', 'nowhere')).toMatchObject({ code: 2, err: expect.stringMatching(/no context "nowhere"; it has: \w+/) as string });
    expect(await botplane('status', 'gone', '-n', 'default')).toMatchObject({ code: 2, err: 'error: there is no Bot gone in namespace default (-n names another one)' });
  });

  it('get shows the tree with the weights, and -w each change of it', async () => {
    const { namespace, read, write } = await rollingBot();
    await client.create(typed<BotRuntime>(BOT_RUNTIMES), { metadata: { name: 'pool', namespace }, spec: {} });
    const tree = await botplane('get', '-n', namespace);
    expect(tree.out.split('\n').map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
      'NAME  READY  WEIGHT  ROLE  AGE  INFO',
      expect.stringMatching(/^Bot\/echo {2}False {2}.*RolloutPaused · step 2 of 4 · echo-11111111 serves 10 %$/) as string,
      expect.stringMatching(/^├─ BotRevision\/echo-11111111 {2}True {2}10 % {2}canary {2}\d+s {2}Ready$/) as string,
      expect.stringMatching(/^├─ BotRevision\/echo-22222222 {2}True {2}90 % {2}stable {2}\d+s {2}Ready$/) as string,
      expect.stringContaining(`└─ BotRuntime/${namespace}/pool`) as string,
    ]);
    expect(JSON.parse((await botplane('get', 'bot/echo', '-n', namespace, '-o', 'json')).out)).toMatchObject([{ kind: 'Bot', children: [{ name: 'echo-11111111', weight: 10 }, { weight: 90 }, { kind: 'BotRuntime' }] }]);
    expect((await botplane('get', '-A', '-o', 'name')).out).toContain('bot.botplane.dev/echo');

    const watching = spawn(toolPath('kubectl'), ['botplane', 'get', 'echo', '-n', namespace, '-w'], { env: env() });
    let seen = '';
    watching.stdout.on('data', (chunk: Buffer) => void (seen += chunk.toString()));
    try {
      expect(await becomesTrue(() => Promise.resolve(seen.includes('10 %')), 20_000)).toBe(true);
      await write({ ...(await read()).status, canaryWeight: 50 });
      expect(await becomesTrue(() => Promise.resolve(seen.includes('---') && seen.includes('50 %')), 20_000)).toBe(true);
    } finally {
      watching.kill('SIGINT');
    }
  });

  it('status tells scripts by its exit code, and waits', async () => {
    const { namespace, read, write } = await rollingBot();
    expect(await botplane('status', 'echo', '-n', namespace)).toMatchObject({ code: 3, out: expect.stringContaining('echo: Paused - RolloutPaused') as string });
    const waiting = botplane('status', 'echo', '-n', namespace, '--timeout', '30s', '-o', 'json');
    const bot = await read();
    const condition = (type: string, status: 'True' | 'False', reason: string) => ({ type, status, reason, message: 'so it is', lastTransitionTime: '2026-11-21T00:00:00Z' });
    await write({ ...bot.status, conditions: [condition('Ready', 'True', 'Serving')] });
    const ended = await waiting;
    expect(ended.code).toBe(0);
    expect(JSON.parse(ended.out)).toMatchObject({ state: 'Ready', weights: { 'echo-22222222': 90, 'echo-11111111': 10 } });
    await write({ ...bot.status, conditions: [condition('Ready', 'False', 'TokenRejected'), condition('Stalled', 'True', 'TokenRejected')] });
    expect(await botplane('status', 'echo', '-n', namespace)).toMatchObject({ code: 1, out: expect.stringContaining('Failed - TokenRejected: so it is') as string });
  });

  it('promote, pause, abort, retry, undo: each writes only its field, and keeps what it gave before', async () => {
    const { namespace, read, write } = await rollingBot();
    const run = async (...args: string[]): Promise<Ended> => botplane(args[0] ?? '', 'echo', '-n', namespace, ...args.slice(1));
    expect(await run('pause')).toMatchObject({ code: 0, out: 'bot.botplane.dev/echo: rollout is paused' });
    expect(await run('pause')).toMatchObject({ code: 0, out: 'bot.botplane.dev/echo: rollout is paused (it was so already)' });
    expect(await run('promote', '--next')).toMatchObject({ code: 0, out: 'bot.botplane.dev/echo: echo-11111111 goes on to step 2' });
    expect((await read()).spec.rollout).toMatchObject({ paused: true, promote: { revision: 'echo-11111111', step: 2 }, strategy: 'Canary' });
    expect(owners(await read())).toContain('kubectl-botplane/Apply');

    expect(await run('resume')).toMatchObject({ code: 0 });
    expect(await run('promote')).toMatchObject({ code: 0, out: 'bot.botplane.dev/echo: echo-11111111 gets all traffic' });
    expect((await read()).spec.rollout).toMatchObject({ promote: { revision: 'echo-11111111' } });
    expect((await read()).spec.rollout).not.toHaveProperty('paused');

    expect(await run('abort')).toMatchObject({ code: 0, out: 'bot.botplane.dev/echo: echo-11111111 is aborted; echo-22222222 serves' });
    expect((await read()).spec.rollout).toMatchObject({ abort: 'echo-11111111' });
    expect((await read()).spec.rollout).not.toHaveProperty('promote');
    await write({ ...(await read()).status, failedRevisions: [{ revision: 'echo-11111111', reason: 'Aborted', message: 'by a person', time: '2026-11-21T00:00:00Z' }] });
    expect(await run('promote')).toMatchObject({ code: 2, err: expect.stringContaining('echo-11111111 failed (Aborted)') as string });
    expect(await run('retry')).toMatchObject({ code: 0 });
    const retried = await read();
    expect(retried.spec.rollout?.retry).toMatch(/^2\d{3}-/);
    expect(retried.spec.rollout).not.toHaveProperty('abort');

    expect(await run('undo')).toMatchObject({ code: 0, out: expect.stringContaining('pinned to echo-22222222') as string });
    expect((await read()).spec.revisionName).toBe('echo-22222222');
    expect(await run('undo', '--to-revision', 'echo-33333333')).toMatchObject({ code: 2, err: expect.stringContaining('it has: echo-11111111, echo-22222222') as string });
    expect(await run('unpin')).toMatchObject({ code: 0 });
    expect((await read()).spec).not.toHaveProperty('revisionName');
    expect((await read()).spec.rollout?.steps).toHaveLength(4);
  });

  it('never takes a field from anybody: it names the owner and the remedy', async () => {
    const { namespace, read } = await rollingBot();
    const git = manifest('echo', namespace, spec('two'), { paused: true, abort: 'echo-00000000' });
    const applied = await kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=argocd-controller', '-f', '-'], stringify(git));
    expect(applied.code).toBe(0);
    const before = (await read()).metadata.resourceVersion;
    expect(await botplane('abort', 'echo', '-n', namespace)).toEqual({
      code: 1, out: '',
      err: 'error: spec.rollout.abort is set by “argocd-controller”; nothing was forced.\n  Change it there (in Git), or leave the field out there, apply, and run this again.',
    });
    expect(await botplane('resume', 'echo', '-n', namespace)).toMatchObject({ code: 1, err: expect.stringContaining('spec.rollout.paused is set by “argocd-controller”') as string });
    expect((await read()).metadata.resourceVersion).toBe(before);
  });

  it('[P2] lint and test are those of authors; test also runs what serves now', async () => {
    const { namespace } = await rollingBot();
    const broken = stringify(manifest('echo', namespace, { ...spec('one'), fallback: { flow: 'helo' } }));
    expect(await kubectl(['botplane', 'lint', '-f', '-'], broken)).toMatchObject({ code: 1, out: expect.stringContaining('did you mean `hello`?') as string });
    expect(await kubectl(['botplane', 'test', '-f', '-'], stringify(manifest('echo', namespace, spec('one'))))).toMatchObject({ code: 0, out: expect.stringContaining('1 passed, 0 failed') as string });
    expect(await botplane('test', 'echo', '-n', namespace)).toEqual({ code: 0, out: '✓ BotSpec: says it\n1 passed, 0 failed', err: 'BotRevision echo-22222222' });
  });

  it('[P7] diff tells what a manifest would change in what the bot does', async () => {
    const { namespace } = await rollingBot();
    const change = { ...spec('ten'), commands: [...spec('ten').commands, { command: 'help', description: 'Help', flow: 'hello' }] };
    expect(await kubectl(['botplane', 'diff', '-f', '-'], stringify(manifest('echo', namespace, { ...change, tests: spec('one').tests })))).toEqual({
      code: 1, err: '',
      out: `~ Bot ${namespace}/echo, a new revision\n  + command /help\n  ~ flow hello, step 1 (reply): reply.text: “one” → “ten”\n  ~ rollout strategy: "Canary" → "AllAtOnce"`,
    });
    const same = manifest('echo', namespace, spec('one'), { strategy: 'Canary', steps: [{ setWeight: 20 }] });
    expect(await kubectl(['botplane', 'diff', '-f', '-'], stringify(same))).toEqual({ code: 0, err: '', out: `= Bot ${namespace}/echo does the same as before` });
    expect(await kubectl(['botplane', 'diff', '-f', '-'], stringify(manifest('other', namespace, spec('one'))))).toMatchObject({ code: 1, out: `+ Bot ${namespace}/other is new` });
  });

  it('diff and test say so when the text that serves is not to be had: another one is in its ConfigMap, the ConfigMap is gone, it is a bundle', async () => {
    const { namespace } = await rollingBot();
    const text = stringify(spec('one'));
    const source = async (name: string, from: object): Promise<Ended> => {
      await client.create(REVISION, { metadata: { name, namespace }, spec: { botRef: { name: 'echo' }, source: from } } as never);
      return botplane('test', 'echo', '-n', namespace, '--revision', name);
    };
    const configMapRef = { name: 'spec', digest: sha256Hex(text) };
    await client.create(CONFIG_MAPS, { metadata: { name: 'spec', namespace }, data: { 'botspec.yaml': text } });
    expect(await source('echo-same', { configMapRef })).toMatchObject({ code: 0, err: 'BotRevision echo-same' });
    await client.patch(CONFIG_MAPS, { name: 'spec', namespace }, { type: 'merge', body: { data: { 'botspec.yaml': stringify(spec('two')) } } });
    expect(await source('echo-changed', { configMapRef })).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^error: BotRevision echo-changed is made of another text than ConfigMap spec holds now .*; take the text from Git/) as string });
    expect(await source('echo-pruned', { configMapRef: { ...configMapRef, name: 'gone' } })).toMatchObject({ code: 2, err: expect.stringMatching(/BotRevision echo-pruned is made of ConfigMap gone, of which namespace .* has no key botspec\.yaml any more; take the text from Git/) as string });
    expect(await source('echo-bundle', { bundleRef: { digest: configMapRef.digest } })).toMatchObject({ code: 2, err: expect.stringContaining('BotRevision echo-bundle is made of a bundle, which lies in the object store') as string });

    await client.patch(BOT, { name: 'echo', namespace }, { type: 'merge', body: { status: { stableRevision: 'echo-changed' } } }, { subresource: 'status' });
    expect(await kubectl(['botplane', 'diff', '-f', '-'], stringify(manifest('echo', namespace, spec('two'))))).toMatchObject({ code: 2, out: '', err: expect.stringContaining('BotRevision echo-changed is made of another text') as string });
  });

  it('logs tells the Events of a bot and of its revisions, and what is out of reach', async () => {
    const { namespace, read } = await rollingBot();
    const { uid } = (await read()).metadata;
    await client.create(EVENTS, {
      metadata: { name: 'e1', namespace }, eventTime: '2026-11-21T01:02:03.000000Z', type: 'Warning', reason: 'RolloutFailed', note: 'ErrorPercent was 50', action: 'Abort',
      reportingController: 'botplane.dev/operator', reportingInstance: 'test', regarding: { apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', name: 'echo', namespace, uid: uid ?? '' },
    } as never);
    expect(await botplane('logs', 'echo', '-n', namespace)).toEqual({
      code: 0, out: '2026-11-21T01:02:03.000Z warn  event  Bot/echo RolloutFailed: ErrorPercent was 50',
      err: 'no pod of the executor or the operator is to be seen: where services run outside the cluster (make up), `make logs` has their lines',
    });
  });

  it('logs tells the lines of pods about the bot, of one chat on request, and follows them', async () => {
    const { namespace } = await rollingBot();
    const botId = `${namespace}_echo`;
    const line = (chat: number, msg: string): string => JSON.stringify({ level: 'warn', time: '2026-11-21T01:02:03.000Z', pid: 1, hostname: 'executor-0', name: 'executor', botId, chat: chatMark(botId, `c${chat}`), seq: chat, msg });
    const kubelet = await startKubelet(namespace, [line(42, 'update goes to the dead letter queue'), line(43, 'another chat'), line(42, 'another bot').replace(botId, 'shop_other'), 'no JSON']);
    const following = spawn(toolPath('kubectl'), ['botplane', 'logs', 'echo', '-n', namespace, '--chat', '42', '--tail', '1', '--follow'], { env: env() });
    let seen = '';
    following.stdout.on('data', (chunk: Buffer) => void (seen += chunk.toString()));
    try {
      const said = (chat: number, msg: string): string => `2026-11-21T01:02:03.000Z warn  executor-0  ${msg} chat=${chatMark(botId, `c${chat}`)} seq=${chat}`;
      const dead = said(42, 'update goes to the dead letter queue');
      expect(await botplane('logs', 'echo', '-n', namespace)).toEqual({ code: 0, out: `${dead}\n${said(43, 'another chat')}`, err: '' });
      expect(await botplane('logs', 'echo', '-n', namespace, '--chat', '42')).toEqual({ code: 0, out: dead, err: '' });

      expect(await becomesTrue(() => Promise.resolve(kubelet.followers() === 1), 60_000)).toBe(true);
      kubelet.write(line(43, 'of the other'));
      kubelet.write(line(42, 'of the chat'));
      expect(await becomesTrue(() => Promise.resolve(seen !== ''), 60_000)).toBe(true);
      expect(seen).toBe(`${said(42, 'of the chat')}\n`);
    } finally {
      following.kill('SIGINT');
      kubelet.stop();
    }
  });

  it('completes commands, options and names', async () => {
    const { namespace } = await rollingBot();
    const completed = await kubectl(['__complete', 'botplane', 'st']);
    expect(completed.out.split('\n')).toEqual(['status', ':4']);
    expect((await kubectl(['__complete', 'botplane', 'promote', '-n', namespace, ''])).out.split('\n')).toEqual(['echo', ':4']);
  });
});
