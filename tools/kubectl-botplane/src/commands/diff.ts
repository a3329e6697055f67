import { canonicalJson } from '@botplane/domain';
import { compileManifest } from '@botplane/botspec';
import type { BotSpec } from '@botplane/botspec';
import type { Bot } from '@botplane/k8s';
import { parseAllDocuments } from 'yaml';
import { behaviourDifferences } from '../behaviour.ts';
import type { Difference } from '../behaviour.ts';
import { BOT, botName } from '../cluster.ts';
import type { Cluster } from '../cluster.ts';
import { CommandError, EXIT } from '../io.ts';
import type { ExitCode, Io } from '../io.ts';
import { printed } from '../render.ts';
import { liveSpec, sourceText } from '../spec-of.ts';
import type { Context } from './command.ts';

/** `diff -f FILE…`: what applying would change in what bots do. Exit code 0: nothing, 1: something, 2: it cannot be told. */
export async function diffCommand(context: Context): Promise<ExitCode> {
  const { io, flags } = context;
  const files = [...flags.files, ...context.words];
  if (files.length === 0) throw new CommandError('diff needs a file: -f bot.yaml (- is standard input)');
  const documents = files.flatMap((file) => parseAllDocuments(io.readFile(file)).map((document) => document.toJS() as unknown));
  const bots = documents.filter(isBot);
  if (bots.length === 0) throw new CommandError('there is no Bot in the given files');
  const found: BotDifference[] = [];
  for (const bot of bots) found.push(await compare(context.cluster(), bot, documents));
  if (!printed(io, flags.output, found, found.map(({ bot }) => `bot.botplane.dev/${bot}`))) for (const one of found) tell(io, one);
  return found.some(({ isNew, differences }) => isNew || differences.length > 0) ? EXIT.found : EXIT.good;
}

interface BotDifference {
  bot: string;
  namespace: string;
  isNew: boolean;
  /** A new BotRevision would be made and roll out. */
  newRevision: boolean;
  differences: Difference[];
}

const isBot = (value: unknown): value is Bot => {
  const object = value as Partial<Bot> | null;
  return typeof object === 'object' && object?.kind === 'Bot' && object.apiVersion?.startsWith('botplane.dev/') === true;
};

async function compare(cluster: Cluster, wanted: Bot, documents: readonly unknown[]): Promise<BotDifference> {
  const name = botName(wanted.metadata.name);
  const namespace = wanted.metadata.namespace ?? cluster.namespace;
  const live = await cluster.client.get(BOT, { namespace, name });
  const after = parsed(`Bot ${name}`, await wantedText(cluster, wanted, namespace, documents));
  if (!live) return { bot: name, namespace, isNew: true, newRevision: true, differences: [] };
  const found = await liveSpec(cluster, live);
  const before = parsed(found.title, found.text);
  const behaviour = canonicalJson(before) === canonicalJson(after) ? [] : behaviourDifferences(before, after);
  const settings = settingDifferences(live, wanted);
  return { bot: name, namespace, isNew: false, newRevision: behaviour.length > 0 || settings.some(({ what }) => REVISION_SETTINGS.has(what)), differences: [...behaviour, ...settings] };
}

/** The spec in the file; a ConfigMap that the file brings along counts before the one in the cluster. */
async function wantedText(cluster: Cluster, { spec, metadata }: Bot, namespace: string, documents: readonly unknown[]): Promise<string> {
  const source = spec.botSpec ? { botSpec: spec.botSpec } : spec.template?.spec.source;
  if (!source) throw new CommandError('the Bot in the file has neither botSpec nor template');
  const { name, key = 'botspec.yaml' } = source.configMapRef ?? {};
  const beside = documents.find((document) => {
    const object = document as { kind?: string; metadata?: { name?: string } } | null;
    return name !== undefined && object?.kind === 'ConfigMap' && object.metadata?.name === name;
  }) as { data?: Record<string, string> } | undefined;
  return beside?.data?.[key] ?? sourceText(cluster, namespace, source, `Bot ${metadata.name} of the file`);
}

function parsed(title: string, text: string): BotSpec {
  const [found] = compileManifest(text);
  if (!found?.result.ok) throw new CommandError(`${title} does not compile, so what it does cannot be told; \`kubectl botplane lint\` names the mistakes`);
  return found.spec as BotSpec;
}

/** Settings whose change makes a new revision. */
const REVISION_SETTINGS: ReadonlySet<string> = new Set(['limits', 'secretRefs', 'isolation']);

/** What is beside the spec but is felt as well. */
function settingDifferences(live: Bot, wanted: Bot): Difference[] {
  const settings = ({ spec }: Bot): Record<string, unknown> => ({
    updates: spec.updates ?? 'Webhook', suspend: spec.suspend ?? false, runtimeRef: spec.runtimeRef ?? null, token: { key: 'token', ...spec.tokenSecretRef }, 'rollout strategy': spec.rollout?.strategy ?? 'AllAtOnce',
    limits: spec.template?.spec.limits ?? null, secretRefs: spec.template?.spec.secretRefs ?? null,
    isolation: (spec.template?.spec as { isolation?: string } | undefined)?.isolation ?? 'Pooled',
  });
  const [before, after] = [settings(live), settings(wanted)];
  return Object.keys(after)
    .filter((key) => canonicalJson(before[key] as never) !== canonicalJson(after[key] as never))
    .map((key) => ({ change: 'changed', what: key, detail: `${JSON.stringify(before[key])} → ${JSON.stringify(after[key])}` }));
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

function tell(io: Io, { bot, namespace, isNew, newRevision, differences }: BotDifference): void {
  if (isNew) return io.out(`+ Bot ${namespace}/${bot} is new`);
  if (differences.length === 0) return io.out(`= Bot ${namespace}/${bot} does the same as before`);
  io.out(`~ Bot ${namespace}/${bot}${newRevision ? ', a new revision' : ''}`);
  for (const { change, what, detail } of differences) io.out(`  ${SIGNS[change]} ${what}${detail === undefined || detail === '' ? '' : `: ${detail}`}`);
}
