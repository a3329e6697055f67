import { canonicalJson, sha256Hex } from '@botplane/domain';
import { controllerRef, getCondition } from '@botplane/k8s';
import type { Bot, BotRevision, BotRevisionSpec, NewObject } from '@botplane/k8s';
import { INLINE_SPEC_BYTES_MAX } from '../../limits.ts';
import { Labels, REVISION_FINALIZER } from '../../names.ts';
import { Conditions } from '../../reasons.ts';

/** The template of a Bot in full: `botSpec` is short for it. */
export function templateOf(bot: Bot): { spec: Omit<BotRevisionSpec, 'botRef'>; labels: Record<string, string>; annotations: Record<string, string> } {
  const { template, botSpec } = bot.spec;
  return {
    spec: template?.spec ?? { source: { botSpec: botSpec ?? {} } },
    labels: template?.metadata?.labels ?? {},
    annotations: template?.metadata?.annotations ?? {},
  };
}

/** `<bot>-<hash8>` of the canonical template spec: the same template always has the same revision. */
export function revisionNameOf(botName: string, spec: Omit<BotRevisionSpec, 'botRef'>): string {
  return `${botName}-${sha256Hex(canonicalJson(spec)).slice(0, 8)}`;
}

/** The BotRevision that the current template describes; `digest` is of what its configMapRef names now. Pure. */
export function makeRevision(bot: Bot, digest?: string): NewObject<BotRevision> & { metadata: { name: string }; spec: BotRevisionSpec } {
  const { spec: template, labels, annotations } = templateOf(bot);
  const { configMapRef } = template.source;
  const spec = configMapRef && digest !== undefined ? { ...template, source: { configMapRef: { ...configMapRef, digest } } } : template;
  return {
    metadata: {
      name: revisionNameOf(bot.metadata.name, spec),
      namespace: bot.metadata.namespace,
      labels: { ...labels, [Labels.bot]: bot.metadata.name },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ownerReferences: [controllerRef(bot)],
      finalizers: [REVISION_FINALIZER],
    },
    spec: { botRef: { name: bot.metadata.name }, ...spec },
  };
}

/** True when two specs say the same, whatever the order of their keys. */
export const isSameSpec = (a: BotRevisionSpec, b: BotRevisionSpec): boolean => canonicalJson(a) === canonicalJson(b);

/** Where chats of a spec keep their state; the compiler's default when it says nothing. */
export function stateKeyOfSpec(spec: Omit<BotRevisionSpec, 'botRef'>): string {
  const meta = spec.source.botSpec?.['meta'] as { stateKey?: unknown } | undefined;
  return typeof meta?.stateKey === 'string' ? meta.stateKey : 'chat_user';
}

/** Why a spec may not be stored inline; undefined when it may. */
export function refuseSize(spec: object): string | undefined {
  const bytes = Buffer.byteLength(canonicalJson(spec));
  if (bytes <= INLINE_SPEC_BYTES_MAX) return undefined;
  return `the specification has ${Math.ceil(bytes / 1024)} KB; inline ones may have ${INLINE_SPEC_BYTES_MAX / 1024} KB`;
}

/** Why a spec may not serve the chats of this route: another stateKey would lose them. */
export function refuseStateKey(stateKey: string, served: { stateKey: string } | undefined): string | undefined {
  if (!served || stateKey === served.stateKey) return undefined;
  return `meta.stateKey is ${stateKey}, but the chats of this Bot are kept by ${served.stateKey}; a Bot keeps its stateKey for life`;
}

/** Revisions to remove: owned, serving nothing, beyond the newest `limit`, or idle for longer than they are kept. Pure. */
export function revisionsToCollect(revisions: readonly { name: string; owned: boolean; deleting: boolean; createdMs: number; idleMs: number }[], inUse: ReadonlySet<string>, { limit, idleMsMax }: { limit: number; idleMsMax: number }): string[] {
  return revisions
    .filter((view) => view.owned && !view.deleting && !inUse.has(view.name))
    .toSorted((a, b) => b.createdMs - a.createdMs || (a.name < b.name ? -1 : 1))
    .filter((view, index) => index >= limit || view.idleMs >= idleMsMax)
    .map((view) => view.name);
}

/** How long no conversation could run on it; of one that never served, since it was made. Pure. */
export function idleMsOf({ status, metadata }: Pick<BotRevision, 'status' | 'metadata'>, nowMs: number): number {
  const drained = getCondition(status?.conditions, Conditions.Drained);
  const since = drained?.status === 'True' ? drained.lastTransitionTime : drained ? undefined : metadata.creationTimestamp;
  return since === undefined ? 0 : nowMs - Date.parse(since);
}
