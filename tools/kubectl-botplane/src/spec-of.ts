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
  if (found) return { title: `BotRevision ${found.metadata.name}`, text: await sourceText(cluster, found.metadata.namespace ?? '', found.spec.source) };
  const source = bot.spec.botSpec ? { botSpec: bot.spec.botSpec } : bot.spec.template?.spec.source;
  if (!source) throw new CommandError(`${bot.metadata.name} has no revision yet`);
  return { title: `Bot ${bot.metadata.name}`, text: await sourceText(cluster, bot.metadata.namespace ?? '', source) };
}

/** An inline spec is JSON, which is YAML too. */
export async function sourceText({ client }: Cluster, namespace: string, source: BotRevision['spec']['source']): Promise<string> {
  if (source.botSpec) return JSON.stringify(source.botSpec, undefined, 1);
  const { name, key = 'botspec.yaml' } = source.configMapRef ?? {};
  if (name === undefined) throw new CommandError('this source of a spec cannot be read from here');
  const text = (await client.get(CONFIG_MAPS, { namespace, name }))?.data?.[key];
  if (text === undefined) throw new CommandError(`ConfigMap ${name} in namespace ${namespace} has no key ${key}`);
  return text;
}
