import type { Bot, KubeObject } from '@botplane/k8s';

/** Under this name the plugin writes. */
export const FIELD_MANAGER = 'kubectl-botplane';

interface ManagedFields {
  manager?: string;
  operation?: string;
  subresource?: string;
  fieldsV1?: FieldTree;
}
interface FieldTree { [key: string]: FieldTree }

/** What people decide about a rollout; the only fields that the plugin writes. */
export interface Intents {
  revisionName?: string;
  paused?: boolean;
  promote?: { revision: string; step?: number };
  abort?: string;
  retry?: string;
}

const PATHS: { readonly [Name in keyof Required<Intents>]: readonly string[] } = {
  revisionName: ['spec', 'revisionName'],
  paused: ['spec', 'rollout', 'paused'],
  promote: ['spec', 'rollout', 'promote'],
  abort: ['spec', 'rollout', 'abort'],
  retry: ['spec', 'rollout', 'retry'],
};

/** All intents of a Bot, whoever gave them. */
export function intentsOf({ spec }: Bot): Intents {
  const { paused, promote, abort, retry } = spec.rollout ?? {};
  return clean({ revisionName: spec.revisionName, paused, promote, abort, retry });
}

/** The intents that the plugin gave before: an apply that left one out would remove it. */
export function ownIntents(bot: Bot): Intents {
  const all = intentsOf(bot);
  const own = Object.entries(all).filter(([name]) => ownersOf(bot, PATHS[name as keyof Intents]).includes(FIELD_MANAGER));
  return Object.fromEntries(own);
}

/** Who else gave an intent. */
export const othersWhoSet = (bot: Bot, intent: keyof Intents): string[] => ownersOf(bot, PATHS[intent]).filter((manager) => manager !== FIELD_MANAGER);

export const pathOf = (intent: keyof Intents): string => PATHS[intent].join('.');

/** The body of an apply that gives exactly these intents. */
export function appliedSpec({ revisionName, ...rollout }: Intents): { revisionName?: string; rollout?: Omit<Intents, 'revisionName'> } {
  return { ...(revisionName === undefined ? {} : { revisionName }), ...(Object.keys(rollout).length === 0 ? {} : { rollout }) };
}

function ownersOf(object: KubeObject, path: readonly string[]): string[] {
  const entries = (object.metadata.managedFields ?? []) as ManagedFields[];
  return entries.filter((entry) => entry.subresource === undefined && holds(entry.fieldsV1, path)).map(({ manager }) => manager ?? 'unknown');
}

function holds(tree: FieldTree | undefined, path: readonly string[]): boolean {
  let at = tree;
  for (const name of path) at = at?.[`f:${name}`];
  return at !== undefined;
}

const clean = (intents: { [Name in keyof Intents]: Intents[Name] | undefined }): Intents =>
  Object.fromEntries(Object.entries(intents).filter(([, value]) => value !== undefined)) as Intents;
