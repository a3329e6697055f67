import type { Bot, BotRevision } from '@botplane/k8s';
import { changeIntents } from '../apply-intents.ts';
import type { Decision } from '../apply-intents.ts';
import { byAge, candidateOf, isReady } from '../bot-view.ts';
import { botName, readRevisions } from '../cluster.ts';
import type { Cluster } from '../cluster.ts';
import { intentsOf } from '../field-owners.ts';
import { CommandError, EXIT } from '../io.ts';
import type { ExitCode } from '../io.ts';
import { printed } from '../render.ts';
import type { Command, Context } from './command.ts';

/** `promote BOT [--revision R] [--next | --step N]`: all traffic to the waiting revision now, or on to a step. */
export const promoteCommand: Command = (context) =>
  run(context, (bot) => {
    const revision = wanted(context, bot);
    refuseWhilePinned(bot);
    refuseFailed(bot, revision);
    const step = context.flags.next ? (bot.status?.currentStep ?? 0) + 1 : context.flags.step;
    const isAhead = step !== undefined && step < (bot.spec.rollout?.steps ?? []).length;
    const change = { promote: { revision, ...(isAhead ? { step } : {}) }, abort: undefined };
    return { change, mustGo: 'abort', message: isAhead ? `${revision} goes on to step ${step}` : `${revision} gets all traffic` };
  });

/** `abort BOT`: all traffic back to the stable revision; the candidate is not tried again until `retry`. */
export const abortCommand: Command = (context) =>
  run(context, (bot) => {
    const revision = wanted(context, bot);
    return { change: { abort: revision, promote: undefined }, message: `${revision} is aborted; ${bot.status?.stableRevision ?? 'nothing'} serves` };
  });

/** `retry BOT`: tries the failed or aborted revision again. */
export const retryCommand: Command = (context) =>
  run(context, (bot) => {
    if ((bot.status?.failedRevisions ?? []).length === 0 && bot.spec.rollout?.abort === undefined) throw new CommandError('there is nothing to try again: no revision of this Bot failed or was aborted');
    return { change: { retry: new Date().toISOString(), abort: undefined }, mustGo: 'abort', message: `${bot.status?.latestCreatedRevision ?? 'the newest revision'} is tried again` };
  });

/** `pause BOT`: the rollout stays at its step. */
export const pauseCommand: Command = (context) => run(context, () => ({ change: { paused: true }, message: 'rollout is paused' }));

/** `resume BOT`: takes the pause back. */
export const resumeCommand: Command = (context) => run(context, () => ({ change: { paused: undefined }, mustGo: 'paused', message: 'rollout goes on' }));

/** `undo BOT [--to-revision R]`: pins the revision that served before; `unpin` lets new ones in again. */
export const undoCommand: Command = (context) =>
  run(context, async (bot, cluster) => {
    const revisions = byAge(await readRevisions(cluster, bot));
    const revision = context.flags.revision ?? previous(bot, revisions);
    const found = revisions.find(({ metadata }) => metadata.name === revision);
    if (!found) throw new CommandError(`this Bot has no revision ${revision}; it has: ${revisions.map(({ metadata }) => metadata.name).join(', ')}`);
    if (!isReady(found)) throw new CommandError(`${revision} is not ready, so it cannot serve`);
    return { change: { revisionName: revision, promote: undefined }, message: `pinned to ${revision}; new revisions wait until \`kubectl botplane unpin ${bot.metadata.name}\`` };
  });

/** `unpin BOT`: takes an undo back. */
export const unpinCommand: Command = (context) => run(context, () => ({ change: { revisionName: undefined }, mustGo: 'revisionName', message: 'not pinned; the newest revision takes over as its rollout says' }));

interface Told extends Decision {
  message: string;
}

async function run(context: Context, decide: (bot: Bot, cluster: Cluster) => Told | Promise<Told>): Promise<ExitCode> {
  const { io, flags, words } = context;
  const name = botName(words[0]);
  const cluster = context.cluster();
  let message = '';
  const { bot, written } = await changeIntents(cluster, name, async (read) => {
    const decision = await decide(read, cluster);
    message = decision.message;
    return decision;
  });
  const said = `bot.botplane.dev/${name}`;
  const { managedFields: _, ...metadata } = bot.metadata;
  if (!printed(io, flags.output, { ...bot, metadata }, [said])) io.out(`${said}: ${message}${written ? '' : ' (it was so already)'}`);
  return EXIT.good;
}

/** The revision that the person means: the one named, else the one that waits. */
function wanted({ flags }: Context, bot: Bot): string {
  const candidate = candidateOf(bot);
  if (flags.revision !== undefined && flags.revision !== candidate && flags.revision !== bot.status?.latestCreatedRevision) {
    throw new CommandError(`${flags.revision} is not the revision that waits${candidate === undefined ? '' : ` (that is ${candidate})`}; \`undo --to-revision\` goes to an earlier one`);
  }
  const revision = flags.revision ?? candidate;
  if (revision === undefined) throw new CommandError(`no revision waits: ${bot.status?.stableRevision ?? 'none'} is the newest one and serves`);
  return revision;
}

function refuseWhilePinned(bot: Bot): void {
  const { revisionName } = intentsOf(bot);
  if (revisionName !== undefined) throw new CommandError(`the Bot is pinned to ${revisionName} (spec.revisionName), so nothing can take over; \`kubectl botplane unpin ${bot.metadata.name}\` first`);
}

function refuseFailed({ status, metadata }: Bot, revision: string): void {
  const failed = status?.failedRevisions?.find((entry) => entry.revision === revision);
  if (failed) throw new CommandError(`${revision} failed (${failed.reason}), so it cannot be promoted; \`kubectl botplane retry ${metadata.name}\` tries it again`);
}

/** While a canary is on its way, the stable one; else the one that served last; else the newest ready one that is older than what serves. */
function previous({ status, metadata }: Bot, newestFirst: readonly BotRevision[]): string {
  const { stableRevision, canaryRevision } = status ?? {};
  if (canaryRevision !== undefined && canaryRevision !== stableRevision && stableRevision !== undefined) return stableRevision;
  const canServe = (name: string): boolean => name !== stableRevision && newestFirst.some((known) => known.metadata.name === name && isReady(known));
  const index = newestFirst.findIndex((revision) => revision.metadata.name === stableRevision);
  const served = [...(status?.served ?? []), ...(status?.superseded ?? [])].map(({ revision }) => revision);
  const earlier = [...served, ...newestFirst.slice(index + 1).map((revision) => revision.metadata.name)].find(canServe);
  if (earlier === undefined) throw new CommandError(`${metadata.name} has no earlier revision that is ready; \`kubectl botplane get ${metadata.name}\` shows what there is`);
  return earlier;
}
