import { BOTS, BOT_REVISIONS, K8sClient, typed } from '@botplane/k8s';
import type { Bot, BotRevision } from '@botplane/k8s';
import { CommandError } from './io.ts';
import type { Flags } from './flags.ts';

export const BOT = typed<Bot>(BOTS);
export const REVISION = typed<BotRevision>(BOT_REVISIONS);

/** The cluster that the person speaks to, and the namespace that counts when a command names none. */
export interface Cluster {
  client: K8sClient;
  namespace: string;
}

/** Chooses kubeconfig, context and namespace as kubectl does. */
export function openCluster(flags: Pick<Flags, 'kubeconfig' | 'context' | 'namespace'>, kubeconfig: string): Cluster {
  const client = open({ kubeconfigPath: flags.kubeconfig ?? kubeconfig, userAgent: 'kubectl-botplane', ...(flags.context === undefined ? {} : { context: flags.context }) });
  return { client, namespace: flags.namespace ?? client.contextNamespace ?? 'default' };
}

function open(options: ConstructorParameters<typeof K8sClient>[0]): K8sClient {
  try {
    return new K8sClient(options);
  } catch (error) {
    throw new CommandError(`no cluster to speak to: ${(error as Error).message}`);
  }
}

/** `echo` or `bot/echo`. */
export function botName(word: string | undefined): string {
  const [, name] = /^(?:bots?(?:\.botplane\.dev)?\/)?([^/]+)$/.exec(word ?? '') ?? [];
  if (name === undefined) throw new CommandError(word === undefined ? 'which Bot? give its name' : `“${word}” is not the name of a Bot`);
  return name;
}

/** The Bot; ends the command when there is none. */
export async function readBot({ client, namespace }: Cluster, name: string): Promise<Bot> {
  const bot = await client.get(BOT, { namespace, name });
  if (!bot) throw new CommandError(`there is no Bot ${name} in namespace ${namespace} (-n names another one)`);
  return bot;
}

/** BotRevisions of one Bot. */
export async function readRevisions({ client }: Cluster, bot: Bot): Promise<BotRevision[]> {
  const { name, namespace = '' } = bot.metadata;
  return (await client.list(REVISION, { namespace, fieldSelector: `spec.botRef.name=${name}` })).items;
}
