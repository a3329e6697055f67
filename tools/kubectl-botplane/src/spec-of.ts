import { sha256Hex } from '@botplane/domain';
import { CONFIG_MAPS } from '@botplane/k8s';
import type { Bot, BotRevision } from '@botplane/k8s';
import type { Cluster } from './cluster.ts';
import { REVISION } from './cluster.ts';
import { CommandError } from './io.ts';

/** The BotSpec of a revision, as text that the compiler reads. */
export interface FoundText {
  title: string;
  text: string;
}

/** What serves now: of the pinned or stable revision, else what the Bot says. */
export async function liveSpec(cluster: Cluster, bot: Bot, named?: string): Promise<FoundText> {
  const revision = named ?? bot.status?.stableRevision ?? bot.status?.latestCreatedRevision;
  const found = revision === undefined ? undefined : await cluster.client.get(REVISION, { namespace: bot.metadata.namespace ?? '', name: revision });
  if (named !== undefined && !found) throw new CommandError(`there is no BotRevision ${named} in namespace ${cluster.namespace}`);
  if (found) return read(cluster, `BotRevision ${found.metadata.name}`, found.metadata.namespace ?? '', found.spec.source);
  const source = bot.spec.botSpec ? { botSpec: bot.spec.botSpec } : bot.spec.template?.spec.source;
  if (!source) throw new CommandError(`${bot.metadata.name} has no revision yet`);
  return read(cluster, `Bot ${bot.metadata.name}`, bot.metadata.namespace ?? '', source);
}

const read = async (cluster: Cluster, title: string, namespace: string, source: BotRevision['spec']['source']): Promise<FoundText> => ({ title, text: await sourceText(cluster, namespace, source, title) });

/** An inline spec is JSON, which is YAML too. A ConfigMap counts as long as it holds what its digest says; `title` names whose source it is. */
export async function sourceText({ client }: Cluster, namespace: string, source: BotRevision['spec']['source'], title: string): Promise<string> {
  if (source.botSpec) return JSON.stringify(source.botSpec, undefined, 1);
  if (source.bundleRef) throw new CommandError(`${title} is made of a bundle, which lies in the object store of the install and cannot be read from here: run \`npx botplane test\` where its folder is (spec.source.bundleRef.digest is ${source.bundleRef.digest})`);
  const { name, key = 'botspec.yaml', digest } = source.configMapRef ?? {};
  if (name === undefined) throw new CommandError(`${title} names no source of its spec`);
  const text = (await client.get(CONFIG_MAPS, { namespace, name }))?.data?.[key];
  if (text === undefined) throw new CommandError(`${title} is made of ConfigMap ${name}, of which namespace ${namespace} has no key ${key}${digest === undefined ? '' : ` any more; ${REMEDY}`}`);
  if (digest !== undefined && sha256Hex(text) !== digest) throw new CommandError(`${title} is made of another text than ConfigMap ${name} holds now under ${key} (SHA-256 ${sha256Hex(text).slice(0, 12)}…, made of ${digest.slice(0, 12)}…); ${REMEDY}`);
  return text;
}

/** What was compiled serves on, but its text is only where it came from. */
const REMEDY = 'take the text from Git and put it back, or use `test -f FILE`. ConfigMaps named by their content (configMapGenerator of kustomize), without --prune, keep every text';
