import { setTimeout as sleep } from 'node:timers/promises';
import { BOT_RUNTIMES, PODS, Reflector, isForbidden, isNotFound, typed } from '@botplane/k8s';
import type { Bot, BotRevision, BotRuntime, KubeObject, Pod } from '@botplane/k8s';
import { BOT, REVISION, botName } from '../cluster.ts';
import type { Cluster } from '../cluster.ts';
import type { Flags } from '../flags.ts';
import { CommandError, EXIT } from '../io.ts';
import type { ExitCode } from '../io.ts';
import { REDRAW_MS_MIN, SYNC_MS_MAX } from '../limits.ts';
import { printed, renderTree } from '../render.ts';
import { makeTree, poolOf } from '../tree.ts';
import type { Node, Snapshot } from '../tree.ts';
import type { Context } from './command.ts';

/** `get [BOT] [-A] [-w]`: Bots, their revisions with the share of chats each has, and the pods that run them. */
export async function getCommand(context: Context): Promise<ExitCode> {
  const { flags, io } = context;
  const cluster = context.cluster();
  const scope = { name: context.words[0] === undefined ? undefined : botName(context.words[0]), namespace: flags.allNamespaces ? undefined : cluster.namespace };
  if (flags.watch) return watchTree(context, cluster, scope);
  const tree = makeTree(await readSnapshot(cluster, scope));
  if (scope.name !== undefined && tree.length === 0) throw new CommandError(`there is no Bot ${scope.name} in namespace ${scope.namespace ?? 'any'}`);
  if (printed(io, flags.output, tree, tree.map(({ name }) => `bot.botplane.dev/${name}`))) return EXIT.good;
  if (tree.length === 0) io.err(`No Bots found${scope.namespace === undefined ? '' : ` in ${scope.namespace} namespace`}.`);
  else for (const line of renderTree(tree, Date.now())) io.out(line);
  return EXIT.good;
}

interface Scope {
  name: string | undefined;
  /** Undefined: all. */
  namespace: string | undefined;
}

async function readSnapshot(cluster: Cluster, scope: Scope): Promise<Snapshot> {
  const { client } = cluster;
  const within = scope.namespace === undefined ? {} : { namespace: scope.namespace };
  const [bots, revisions] = await Promise.all([
    client.list(BOT, { ...within, ...(scope.name === undefined ? {} : { fieldSelector: `metadata.name=${scope.name}` }) }),
    client.list(REVISION, { ...within, ...(scope.name === undefined ? {} : { fieldSelector: `spec.botRef.name=${scope.name}` }) }),
  ]);
  return { bots: bots.items, revisions: revisions.items, ...(await readPools(cluster, bots.items, revisions.items)) };
}

/** Pools and pods as far as the person may read them. */
async function readPools({ client }: Cluster, bots: readonly Bot[], revisions: readonly BotRevision[]): Promise<Pick<Snapshot, 'runtimes' | 'pods'>> {
  const keys = new Set(bots.flatMap((bot) => poolOf(bot, revisions) ?? []));
  const runtimes = new Map<string, BotRuntime | undefined>();
  for (const key of keys) {
    const [namespace = '', name = ''] = key.split('/');
    runtimes.set(key, await allowed(client.get(typed<BotRuntime>(BOT_RUNTIMES), { namespace, name })));
  }
  const namespaces = new Set([...[...keys].map((key) => key.split('/')[0] ?? ''), ...bots.map((bot) => bot.metadata.namespace ?? '')]);
  const pods: Pod[] = [];
  for (const namespace of namespaces) pods.push(...((await allowed(client.list(PODS, { namespace, labelSelector: 'app.kubernetes.io/name=botplane-runtime' })))?.items ?? []));
  return { runtimes, pods };
}

/** Undefined for what may not be read. */
async function allowed<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return undefined;
    throw error;
  }
}

/** Draws the tree again at each change, until the person has seen enough. */
async function watchTree({ io, flags }: Context, cluster: Cluster, scope: Scope): Promise<ExitCode> {
  let changed = Promise.withResolvers<void>();
  const bots = reflect<Bot>(cluster, BOT, scope, 'metadata.name', () => changed.resolve());
  const revisions = reflect<BotRevision>(cluster, REVISION, scope, 'spec.botRef.name', () => changed.resolve());
  try {
    await readSnapshot(cluster, scope); // Says at once what may not be read.
    await Promise.all([bots.waitForSync(AbortSignal.timeout(SYNC_MS_MAX)), revisions.waitForSync(AbortSignal.timeout(SYNC_MS_MAX))]);
    let last = '';
    while (!io.interrupted.aborted) {
      changed = Promise.withResolvers<void>();
      const now = { bots: bots.store.list(), revisions: revisions.store.list() };
      last = draw(io, flags, makeTree({ ...now, ...(await readPools(cluster, now.bots, now.revisions)) }), last);
      await Promise.race([changed.promise, new Promise((resolve) => io.interrupted.addEventListener('abort', resolve, { once: true }))]);
      await sleep(REDRAW_MS_MIN);
    }
    return EXIT.good;
  } finally {
    await Promise.all([bots.stop(), revisions.stop()]);
  }
}

function reflect<T extends KubeObject>({ client }: Cluster, type: ConstructorParameters<typeof Reflector<T>>[1], scope: Scope, field: string, onChange: () => void): Reflector<T> {
  const reflector = new Reflector<T>(client, type, {
    ...(scope.namespace === undefined ? {} : { namespace: scope.namespace }),
    ...(scope.name === undefined ? {} : { fieldSelector: `${field}=${scope.name}` }),
  });
  reflector.addHandler({ onAdd: onChange, onUpdate: onChange, onDelete: onChange });
  reflector.start();
  return reflector;
}

/** Prints what is new; answers with it. */
function draw(io: Context['io'], flags: Flags, tree: readonly Node[], last: string): string {
  const nowMs = Date.now();
  // Ages alone are no change.
  const content = JSON.stringify(tree);
  if (content === last) return last;
  if (printed(io, flags.output, tree, tree.map(({ name }) => `bot.botplane.dev/${name}`))) return content;
  if (io.isTerminal) io.out('\u001B[2J\u001B[H');
  else if (last !== '') io.out('---');
  for (const line of renderTree(tree, nowMs)) io.out(line);
  return content;
}
