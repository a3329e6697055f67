import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RouteRecord } from '@botplane/contracts';
import { BOTS, BOT_REVISIONS, BOT_RUNTIMES, K8sClient, NAMESPACES, SECRETS, getCondition, typed } from '@botplane/k8s';
import type { Bot, BotRevision, BotRuntime } from '@botplane/k8s';
import { openNats } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { startSimulator } from '@botplane/simulator';
import { becomesTrue, makeTempFolder, removeTempFolder, startControlPlane, startNats, startS3, toolPath } from '@botplane/testing';
import type { TestControlPlane } from '@botplane/testing';
import { openStores } from '../../src/adapters/stores.ts';
import type { Stores } from '../../src/adapters/stores.ts';
import { bundleOperator } from './bundle.ts';
import { OperatorProcess } from './operator-process.ts';
import { PodKeeper } from './pod-keeper.ts';
import { RuntimeServer } from './runtime-server.ts';

const run = promisify(execFile);
export const INSTALL_NAMESPACE = 'botplane-system';
/** How long something may take that happens within a second on an idle machine. */
const SOON_MS = 60_000;

export const BOT = typed<Bot>(BOTS);
export const REVISION = typed<BotRevision>(BOT_REVISIONS);
export const RUNTIME = typed<BotRuntime>(BOT_RUNTIMES);

/** A call that reached the Bot API. */
export interface TelegramCall {
  method: string;
  params: Record<string, unknown>;
}

/** Everything real around the operator: Kubernetes, NATS, S3, the simulator; and one runtime pod. */
export interface World {
  cluster: TestControlPlane;
  client: K8sClient;
  stores: Stores;
  nats: Nats;
  natsServer: Awaited<ReturnType<typeof startNats>>;
  s3: Awaited<ReturnType<typeof startS3>>;
  telegram: { url: string };
  operator: OperatorProcess;
  /** Another operator of the same installation, under a name of its own; the test ends it. */
  anotherOperator(env: Record<string, string>): OperatorProcess;
  runtime: RuntimeServer;
  /** Where all runtime pods are, as far as Kubernetes says. */
  runtimeIp: string;
  pods: PodKeeper;
  folder: string;
  kubectl(args: string[], stdin?: string): Promise<{ ok: boolean; out: string }>;
  /** A token that the simulator knows. */
  newToken(): Promise<string>;
  calls(token: string, method?: string): Promise<TelegramCall[]>;
  /** Makes the Bot API fail as told; returns how to end that. */
  fault(fault: Record<string, unknown>): Promise<() => Promise<void>>;
  /** What KV says of a bot. */
  routeOf(botId: string): Promise<RouteRecord | undefined>;
  namespace(): Promise<string>;
  secret(namespace: string, name: string, token: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const folder = makeTempFolder('operator');
  const [cluster, natsServer, s3, simulator, bundle] = await Promise.all([startControlPlane({ controllerManager: true, crds: true, audit: true }), startNats(), startS3(), startSimulator(), bundleOperator()]);
  const nats = await openNats({ url: natsServer.url, name: 'test' });
  const stores = openStores(nats);
  const client = new K8sClient({ kubeconfigPath: cluster.kubeconfig });
  const podIp = `127.${randomInt(2, 250)}.${randomInt(1, 250)}.${randomInt(1, 250)}`;
  const runtime = new RuntimeServer();
  await runtime.start(`${podIp}:9090`);
  const pods = new PodKeeper(cluster.kubeconfig, podIp);
  for (const key of ['token.key', 'secrets.key']) writeFileSync(join(folder, key), randomBytes(32).toString('base64'));

  const operatorEnv = {
    PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'debug', KUBECONFIG: cluster.kubeconfig,
    POD_NAME: 'operator-a', BOTPLANE_NAMESPACE: INSTALL_NAMESPACE, BOTPLANE_RUNTIME_IMAGE: 'botplane/runtime:test', NATS_URL: natsServer.url,
    S3_ENDPOINT: s3.endpoint, S3_ACCESS_KEY: s3.accessKey, S3_SECRET_KEY: s3.secretKey, S3_BUCKET: s3.bucket,
    BOTPLANE_TELEGRAM_API: simulator.url, BOTPLANE_WEBHOOK_URL: 'http://127.0.0.1:1/hooks',
    BOTPLANE_TOKEN_KEY_FILE: join(folder, 'token.key'), BOTPLANE_SECRETS_KEY_FILE: join(folder, 'secrets.key'),
  };
  const operator = new OperatorProcess(bundle.main, operatorEnv);
  await client.create(NAMESPACES, { metadata: { name: INSTALL_NAMESPACE } });
  await client.create(RUNTIME, { metadata: { name: 'default', namespace: INSTALL_NAMESPACE }, spec: { allowedNamespaces: { from: 'All' } } });

  const sim = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${simulator.url}/_sim/${path}`, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    cluster, client, stores, nats, natsServer, s3, telegram: simulator, operator, anotherOperator: (env) => new OperatorProcess(bundle.main, { ...operatorEnv, ...env }), runtime, runtimeIp: podIp, pods, folder,
    kubectl: async (args, stdin) => {
      const child = run(toolPath('kubectl'), [`--kubeconfig=${cluster.kubeconfig}`, ...args]);
      if (stdin !== undefined) child.child.stdin?.end(stdin);
      return child.then(({ stdout, stderr }) => ({ ok: true, out: stdout + stderr }), (error: { stdout: string; stderr: string }) => ({ ok: false, out: error.stdout + error.stderr }));
    },
    routeOf: async (botId) => (await stores.routes.get(botId))?.value,
    newToken: async () => ((await sim('POST', 'bots', {})) as { token: string }).token,
    calls: async (token, method) => ((await sim('GET', `calls?token=${token}${method ? `&method=${method}` : ''}`)) as { calls: TelegramCall[] }).calls,
    fault: async (fault) => {
      const { id } = (await sim('POST', 'faults', fault)) as { id: string | number };
      return async () => void (await sim('DELETE', `faults/${id}`));
    },
    namespace: async () => {
      const name = `t-${randomBytes(4).toString('hex')}`;
      await client.create(NAMESPACES, { metadata: { name } });
      return name;
    },
    secret: async (namespace, name, token) => void (await client.apply(SECRETS, { metadata: { name, namespace }, stringData: { token } } as never, { fieldManager: 'test', force: true })),
    stop: async () => {
      await operator.stop();
      await pods.stop();
      runtime.stop();
      await client.close();
      await nats.connection.close();
      await Promise.all([cluster.stop(), natsServer.stop(), s3.stop(), simulator.close(), bundle.remove()]);
      removeTempFolder(folder);
    },
  };
}

/** A spec that answers /start with the given text. */
export const echoSpec = (text: string, meta: Record<string, unknown> = {}): Record<string, unknown> => ({
  meta: { name: 'Echo', locales: ['en'], defaultLocale: 'en', ...meta },
  commands: [{ command: 'start', description: 'Start', flow: 'hello' }],
  fallback: { flow: 'hello' },
  flows: { hello: { steps: [{ reply: { text } }] } },
});

export const makeBot = (namespace: string, name: string, botSpec: Record<string, unknown>, extra: Partial<Bot['spec']> = {}) => ({
  metadata: { name, namespace }, spec: { platform: 'Telegram' as const, tokenSecretRef: { name }, botSpec, ...extra },
});

/** `True/Serving` of one condition; '' when there is none. */
export function conditionOf(object: Bot | BotRevision | BotRuntime | undefined, type: string): string {
  const condition = getCondition(object?.status?.conditions, type);
  return condition ? `${condition.status}/${condition.reason}` : '';
}

/** Waits until the object satisfies the check and returns it; fails with what it was like last. */
export async function eventually<T>(read: () => Promise<T | undefined>, check: (value: T) => boolean, ms = SOON_MS): Promise<T> {
  let last: T | undefined;
  const ok = await becomesTrue(async () => {
    last = await read();
    return last !== undefined && check(last);
  }, ms);
  if (!ok || last === undefined) throw new Error(`did not become so within ${ms} ms; last: ${JSON.stringify(last, undefined, 1)}`);
  return last;
}

export const botIs = (...wanted: [type: string, is: string][]) => (bot: Bot): boolean =>
  bot.status?.observedGeneration === bot.metadata.generation && wanted.every(([type, is]) => conditionOf(bot, type) === is);

/** Ready, and this generation. */
export const isServing = botIs(['Ready', 'True/Serving']);

/** Creates Secret and Bot and waits until it serves. */
export async function serveBot(world: World, options: { text?: string; name?: string; extra?: Partial<Bot['spec']> } = {}): Promise<{ namespace: string; name: string; token: string; bot: Bot; botId: string; read: () => Promise<Bot | undefined> }> {
  const { text = 'one', name = 'echo', extra } = options;
  const [namespace, token] = [await world.namespace(), await world.newToken()];
  await world.secret(namespace, name, token);
  await world.client.create(BOT, makeBot(namespace, name, echoSpec(text), extra));
  const read = () => world.client.get(BOT, { namespace, name });
  return { namespace, name, token, read, botId: `${namespace}_${name}`, bot: await eventually(read, isServing) };
}

/** Changes the spec of a Bot as `kubectl apply` would. */
export const editBot = (world: World, ref: { namespace: string; name: string }, spec: object): Promise<Bot> => world.client.patch(BOT, ref, { type: 'merge', body: { spec } });
