import { isDeepStrictEqual } from 'node:util';
import { K8sError, isConflict } from '@botplane/k8s';
import type { Applied, Bot } from '@botplane/k8s';
import { BOT, readBot } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { candidateOf } from './bot-view.ts';
import { FIELD_MANAGER, appliedSpec, intentsOf, othersWhoSet, ownIntents, pathOf } from './field-owners.ts';
import type { Intents } from './field-owners.ts';
import { CommandError, EXIT } from './io.ts';
import { WRITE_TRIES_MAX } from './limits.ts';

/** What a command decided; undefined takes an intent of ours back, one that is not named stays as it is. */
export type Change = { [Name in keyof Intents]: Intents[Name] | undefined };

/** What a command makes of a Bot. */
export interface Decision {
  change: Change;
  /** Taking this back is the point of the command: it fails while somebody else gives it too. */
  mustGo?: keyof Intents;
}

/**
 * Changes the intents that the plugin owns, by server-side apply and never by force. The decision is made anew when the Bot changed in between.
 * Answers with the Bot as it is afterwards and whether anything was written.
 */
export async function changeIntents(cluster: Cluster, name: string, decide: (bot: Bot) => Decision | Promise<Decision>): Promise<{ bot: Bot; written: boolean }> {
  for (let tries = 1; ; tries++) {
    const bot = await readBot(cluster, name);
    const { change, mustGo } = await decide(bot);
    if (mustGo !== undefined) refuseIfHeld(bot, mustGo);
    const own = ownIntents(bot);
    const next = merged(withoutStale(own, bot), change);
    if (isDeepStrictEqual(own, next)) return { bot, written: false };
    try {
      return { bot: await write(cluster, bot, next), written: true };
    } catch (error) {
      if (!isConflict(error) || conflicts(error).length > 0 || tries >= WRITE_TRIES_MAX) throw explained(error);
    }
  }
}

async function write({ client }: Cluster, { metadata }: Bot, intents: Intents): Promise<Bot> {
  const { name, namespace = '', resourceVersion = '' } = metadata;
  // With its resourceVersion the apply is a compare-and-set, and can never create a Bot that was just deleted.
  const body = { metadata: { name, namespace, resourceVersion }, spec: appliedSpec(intents) } as Applied<Bot>;
  return client.apply(BOT, body, { fieldManager: FIELD_MANAGER });
}

function merged(own: Intents, change: Change): Intents {
  const entries = Object.entries({ ...own, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries);
}

/** Decisions about revisions that are no longer in question say nothing; they go with the next write. */
function withoutStale(own: Intents, bot: Bot): Intents {
  const inQuestion = [candidateOf(bot), bot.status?.latestCreatedRevision, bot.status?.stableRevision];
  const { promote, abort, ...rest } = own;
  return {
    ...rest,
    ...(promote && inQuestion.includes(promote.revision) ? { promote } : {}),
    ...(abort !== undefined && inQuestion.includes(abort) ? { abort } : {}),
  };
}

/** Taking back our part of a field changes nothing while somebody else gives it too. */
function refuseIfHeld(bot: Bot, intent: keyof Intents): void {
  const value = intentsOf(bot)[intent];
  const others = othersWhoSet(bot, intent);
  if (value !== undefined && value !== false && others.length > 0) throw held(pathOf(intent), others);
}

interface FieldConflict { field: string; manager: string }

function conflicts(error: K8sError): FieldConflict[] {
  return (error.details?.causes ?? [])
    .filter((cause) => cause.reason === 'FieldManagerConflict')
    .map((cause) => ({ field: (cause.field ?? '').replace(/^\./, ''), manager: /conflict with "([^"]+)"/.exec(cause.message ?? '')?.[1] ?? 'another manager' }));
}

function explained(error: unknown): unknown {
  if (!(error instanceof K8sError)) return error;
  const found = conflicts(error);
  if (found.length === 0) return error;
  const fields = [...new Set(found.map(({ field }) => field))].join(', ');
  return held(fields, [...new Set(found.map(({ manager }) => manager))]);
}

/** Says who owns a field and what helps. */
function held(field: string, managers: readonly string[]): CommandError {
  const names = managers.map((manager) => `“${manager}”`).join(' and ');
  return new CommandError(
    `${field} is set by ${names}; nothing was forced.\n  Change it there${hint(managers)}, or leave the field out there, apply, and run this again.`,
    EXIT.found,
  );
}

function hint(managers: readonly string[]): string {
  if (managers.some((manager) => /argocd|kustomize-controller|flux/.test(manager))) return ' (in Git)';
  if (managers.some((manager) => manager.startsWith('kubectl'))) return ' (in the manifest that was applied)';
  return '';
}
