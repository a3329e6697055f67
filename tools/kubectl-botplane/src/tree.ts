import { getCondition } from '@botplane/k8s';
import type { Bot, BotRevision, BotRuntime, Condition, Pod } from '@botplane/k8s';
import { byAge, nameOf, weightsOf } from './bot-view.ts';

/** One line of the tree: an object, how it is, and what hangs below it. */
export interface Node {
  kind: 'Bot' | 'BotRevision' | 'BotRuntime' | 'Pod';
  name: string;
  /** True, False or Unknown; of a pod its Ready condition. */
  ready: string;
  role?: string;
  /** Percentage of chats. */
  weight?: number;
  createdAt?: string;
  info: string;
  children: Node[];
}

/** What a tree is drawn from. Pools and pods are often in a namespace that the person may not read. */
export interface Snapshot {
  bots: readonly Bot[];
  revisions: readonly BotRevision[];
  /** By `namespace/name`; `undefined` when it may not be read. */
  runtimes: ReadonlyMap<string, BotRuntime | undefined>;
  pods: readonly Pod[];
}

/** Key of the pool that a Bot uses: the one it names, else the one on which its newest revision was proved. */
export function poolOf({ metadata, spec }: Bot, revisions: readonly BotRevision[]): string | undefined {
  if (spec.runtimeRef) return `${spec.runtimeRef.namespace ?? metadata.namespace}/${spec.runtimeRef.name}`;
  const own = byAge(revisions.filter((revision) => belongsTo(metadata, revision)));
  return own.find(({ status }) => status?.runtime !== undefined)?.status?.runtime?.replace('_', '/');
}

const belongsTo = ({ namespace, name }: Bot['metadata'], revision: BotRevision): boolean => revision.metadata.namespace === namespace && revision.spec.botRef.name === name;

/** Bots with their revisions, and the pools or pods that run them. Pure. */
export function makeTree({ bots, revisions, runtimes, pods }: Snapshot): Node[] {
  return bots
    .toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)))
    .map((bot) => {
      const own = byAge(revisions.filter((revision) => belongsTo(bot.metadata, revision)));
      return { ...botNode(bot), children: [...own.map((revision) => revisionNode(bot, revision, pods)), ...runtimeNode(poolOf(bot, own), runtimes, pods)] };
    });
}

const readyOf = (conditions: readonly Condition[] | undefined): string => getCondition(conditions, 'Ready')?.status ?? 'Unknown';

function botNode(bot: Bot): Omit<Node, 'children'> {
  const { status, spec, metadata } = bot;
  const condition = getCondition(status?.conditions, 'Ready');
  const info = [
    condition?.reason ?? 'not seen yet',
    ...stepOf(bot),
    ...(spec.rollout?.paused === true ? ['paused'] : []),
    ...(spec.revisionName === undefined ? [] : [`pinned to ${spec.revisionName}`]),
    ...(condition?.status === 'True' || !condition?.message ? [] : [condition.message]),
  ];
  return { kind: 'Bot', name: metadata.name, ready: condition?.status ?? 'Unknown', ...created(metadata), info: info.join(' · ') };
}

function stepOf({ status, spec }: Bot): string[] {
  const steps = spec.rollout?.steps?.length ?? 0;
  if (status?.canaryRevision === undefined || steps === 0) return [];
  return [`step ${Math.min((status.currentStep ?? 0) + 1, steps)} of ${steps}`];
}

const created = ({ creationTimestamp }: Bot['metadata']): { createdAt?: string } => (creationTimestamp === undefined ? {} : { createdAt: creationTimestamp });

function revisionNode(bot: Bot, revision: BotRevision, pods: readonly Pod[]): Node {
  const { name } = revision.metadata;
  const weight = weightsOf(bot).get(name);
  const role = roleOf(bot, name);
  const condition = getCondition(revision.status?.conditions, 'Ready');
  const quarantined = getCondition(revision.status?.conditions, 'Healthy')?.reason === 'Quarantined';
  const info = [condition?.reason ?? 'not seen yet', ...(quarantined ? ['quarantined'] : []), ...(condition?.status === 'True' || !condition?.message ? [] : [condition.message.split('\n')[0] ?? ''])];
  return {
    kind: 'BotRevision', name, ready: readyOf(revision.status?.conditions), role, ...(weight === undefined ? {} : { weight }), ...created(revision.metadata), info: info.join(' · '),
    children: podNodes(pods, (pod) => pod.metadata.labels?.['botplane.dev/revision'] === name && pod.metadata.namespace === bot.metadata.namespace),
  };
}

/** What a revision is to its Bot. */
export function roleOf({ status, spec }: Bot, revision: string): string {
  if (status?.failedRevisions?.some((failed) => failed.revision === revision)) return 'failed';
  if (spec.revisionName === revision && status?.stableRevision === revision) return 'pinned';
  if (status?.stableRevision === revision) return 'stable';
  if (status?.canaryRevision === revision) return 'canary';
  if (status?.superseded?.some((entry) => entry.revision === revision)) return 'finishing';
  if (status?.latestCreatedRevision === revision) return 'candidate';
  return 'history';
}

function runtimeNode(key: string | undefined, runtimes: Snapshot['runtimes'], pods: readonly Pod[]): Node[] {
  if (key === undefined) return [];
  const runtime = runtimes.get(key);
  const [namespace, name] = key.split('/');
  const counts = runtime ? `${runtime.status?.readyReplicas ?? 0} of ${runtime.spec.replicas ?? 1} pods ready` : 'may not be read, or is not there';
  return [{
    kind: 'BotRuntime', name: key, ready: readyOf(runtime?.status?.conditions), ...(runtime ? created(runtime.metadata) : {}), info: counts,
    children: podNodes(pods, ({ metadata }) => metadata.namespace === namespace && metadata.labels?.['botplane.dev/runtime'] === name),
  }];
}

function podNodes(pods: readonly Pod[], belongs: (pod: Pod) => boolean): Node[] {
  return pods.filter(belongs).toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name)).map((pod) => ({
    kind: 'Pod' as const, name: pod.metadata.name, ready: pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'Unknown', ...created(pod.metadata),
    info: [pod.status?.phase ?? 'Pending', ...(pod.spec?.nodeName === undefined ? [] : [pod.spec.nodeName])].join(' · '), children: [],
  }));
}
