import { makeBotId } from '@botplane/domain';
import { EVENTS, PODS, isForbidden } from '@botplane/k8s';
import type { Bot, KubeEvent, Pod } from '@botplane/k8s';
import { botName, readBot, readRevisions } from '../cluster.ts';
import type { Cluster } from '../cluster.ts';
import { EXIT } from '../io.ts';
import type { ExitCode } from '../io.ts';
import { LOG_PODS_MAX, LOG_TAIL_LINES } from '../limits.ts';
import { lineOf, readEvent, readLine } from '../log-lines.ts';
import type { LogFilter, LogLine } from '../log-lines.ts';
import { poolOf } from '../tree.ts';
import type { Context } from './command.ts';

/**
 * `logs BOT [--chat ID] [--since 1h] [--follow]`: Events of the Bot and its revisions, and what the services logged about it, as far as the
 * person may read their pods.
 */
export async function logsCommand({ io, flags, words, cluster }: Context): Promise<ExitCode> {
  const open = cluster();
  const bot = await readBot(open, botName(words[0]));
  const filter: LogFilter = { botId: makeBotId(bot.metadata.namespace ?? '', bot.metadata.name), chat: flags.chat, sinceMs: flags.sinceS === undefined ? 0 : Date.now() - flags.sinceS * 1_000 };
  const print = (line: LogLine): void => io.out(flags.output === 'json' ? JSON.stringify({ ...line, timeMs: undefined, time: new Date(line.timeMs).toISOString() }) : lineOf(line));

  // Events are about the bot as a whole, never about one chat.
  const lines = flags.chat === undefined ? await eventLines(open, bot, filter) : [];
  const sources = await readableServices(open, bot);
  for (const missing of sources.missing) io.err(missing);
  const pods = sources.pods.slice(0, LOG_PODS_MAX);
  const reading = pods.map((pod) => podLines(open, pod, filter, { tail: flags.tail ?? LOG_TAIL_LINES, sinceS: flags.sinceS }));
  lines.push(...(await Promise.all(reading)).flat());
  for (const line of lines.toSorted((a, b) => a.timeMs - b.timeMs)) print(line);
  if (flags.follow) await follow(open, pods, filter, print, io.interrupted);
  else if (lines.length === 0) io.err('nothing was said about this bot');
  return EXIT.good;
}

async function eventLines(cluster: Cluster, bot: Bot, { sinceMs }: LogFilter): Promise<LogLine[]> {
  const namespace = bot.metadata.namespace ?? '';
  const uids = new Set([bot.metadata.uid, ...(await readRevisions(cluster, bot)).map(({ metadata }) => metadata.uid)]);
  const events = await cluster.client.list(EVENTS, { namespace });
  return events.items.filter((event: KubeEvent) => uids.has(event.regarding?.uid)).map(readEvent).filter(({ timeMs }) => !(timeMs < sinceMs));
}

/** Pods of the services, and of the pools that run the bot. Their namespaces may be closed to the person, or a service may be no pod at all. */
async function readableServices(cluster: Cluster, bot: Bot): Promise<{ pods: Pod[]; missing: string[] }> {
  const install = poolOf(bot, await readRevisions(cluster, bot))?.split('/')[0];
  const namespaces = [...new Set([install, bot.metadata.namespace])].filter((namespace) => namespace !== undefined);
  const pods: Pod[] = [];
  const missing: string[] = [];
  for (const namespace of namespaces) {
    try {
      const selector = 'app.kubernetes.io/part-of=botplane';
      pods.push(...(await cluster.client.list(PODS, { namespace, labelSelector: selector })).items.filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Succeeded'));
    } catch (error) {
      if (!isForbidden(error)) throw error;
      missing.push(`you may not read pods in namespace ${namespace}, so its logs are left out (they need: get pods, pods/log)`);
    }
  }
  if (missing.length === 0 && !pods.some(({ metadata }) => /executor|operator/.test(metadata.labels?.['app.kubernetes.io/name'] ?? ''))) {
    missing.push('no pod of the executor or the operator is to be seen: where services run outside the cluster (make up), `make logs` has their lines');
  }
  return { pods, missing };
}

const logPath = ({ metadata }: Pod): string => `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/log`;

async function podLines(cluster: Cluster, pod: Pod, filter: LogFilter, { tail, sinceS }: { tail: number; sinceS: number | undefined }): Promise<LogLine[]> {
  const found: LogLine[] = [];
  try {
    for await (const line of cluster.client.lines(logPath(pod), { tailLines: tail, sinceSeconds: sinceS })) {
      const read = readLine(line, pod.metadata.name, filter);
      if (read) found.push(read);
    }
  } catch (error) {
    found.push({ timeMs: Date.now(), source: pod.metadata.name, level: 'warn', text: `its log cannot be read: ${(error as Error).message}` });
  }
  return found;
}

async function follow(cluster: Cluster, pods: readonly Pod[], filter: LogFilter, print: (line: LogLine) => void, interrupted: AbortSignal): Promise<void> {
  const each = async (pod: Pod): Promise<void> => {
    try {
      for await (const line of cluster.client.lines(logPath(pod), { follow: true, tailLines: 0 }, interrupted)) {
        const read = readLine(line, pod.metadata.name, filter);
        if (read) print(read);
      }
    } catch (error) {
      if (!interrupted.aborted) print({ timeMs: Date.now(), source: pod.metadata.name, level: 'warn', text: `its log ended: ${(error as Error).message}` });
    }
  };
  await Promise.all(pods.map(each));
}
