import { BOT, openCluster } from './cluster.ts';
import { COMMANDS } from './commands.ts';
import { OPTION_NAMES, parseFlags } from './flags.ts';
import type { Flags } from './flags.ts';

/** cobra's directives for the shell: what follows is no file name; or, it is. */
const NO_FILES = ':4';
const FILES = ':0';
const COMPLETION_MS_MAX = 2_000;

/** What may stand at the end of a command line, in the form that kubectl expects of `kubectl_complete-botplane`. */
export async function complete(words: readonly string[], kubeconfig: string): Promise<string[]> {
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [name] = before;
  if (name === undefined) return [...starting(Object.keys(COMMANDS), last), NO_FILES];
  if (last.startsWith('-')) return [...starting(OPTION_NAMES, last), NO_FILES];
  if (['-f', '--filename'].includes(before.at(-1) ?? '') || COMMANDS[name]?.takes === 'file') return [FILES];
  return [...starting(await botNames(before.slice(1), kubeconfig), last), NO_FILES];
}

const starting = (candidates: readonly string[], prefix: string): string[] => candidates.filter((candidate) => candidate.startsWith(prefix));

async function botNames(words: readonly string[], kubeconfig: string): Promise<string[]> {
  let client;
  try {
    const { flags }: { flags: Flags } = parseFlags(words);
    const cluster = openCluster(flags, kubeconfig);
    client = cluster.client;
    const bots = await client.listMetadata(BOT, { namespace: cluster.namespace, timeoutMs: COMPLETION_MS_MAX });
    return bots.items.map(({ metadata }) => metadata.name);
  } catch {
    return []; // A shell that completes must stay quiet.
  } finally {
    await client?.close();
  }
}
