import { ARTEFACT_FILES, artefactKey } from '@botplane/contracts';
import { controllerOf, isDeleting, keyOf } from '@botplane/k8s';
import type { RevisionDeps, RevisionWork } from './observe.ts';

/**
 * Keeps one revision from removing what another is publishing at that moment: two revisions of a Bot may come to the same code. Of this process only;
 * another leads no earlier than all requests of the last one are over.
 */
export class ArtefactHolds {
  /** Of revisions whose status does not name their artefacts yet, by uid. */
  private readonly published = new Map<string, string>();
  private readonly removals = new Map<string, Promise<void>>();

  /** Called before anything is written below `folder`. */
  async hold(uid: string, folder: string): Promise<void> {
    this.published.set(uid, folder);
    await this.removals.get(folder);
  }

  /** Status names them, or the revision is gone. */
  release(uid: string): void {
    this.published.delete(uid);
  }

  /** Removes a folder unless somebody publishes there; false: it stays. */
  async remove(folder: string, removeFiles: () => Promise<void>): Promise<boolean> {
    if ([...this.published.values()].includes(folder)) return false;
    const removal = removeFiles();
    const over = removal.catch(() => undefined);
    this.removals.set(folder, over);
    try {
      await removal;
      return true;
    } finally {
      if (this.removals.get(folder) === over) this.removals.delete(folder);
    }
  }
}

/** Where bot.js and what belongs to it lie. */
export const artefactFolder = (botId: string, revHash: string): string => `${botId}/${revHash}`;

/**
 * Removes what a revision published when its object goes and its Bot stays: nobody can serve it again without publishing it anew. What the Bot's
 * route or another of its revisions names stays, and so does everything of a Bot that goes itself: there deletionPolicy decides.
 */
export async function removeArtefacts(deps: RevisionDeps, { revision, bot, botId }: RevisionWork): Promise<void> {
  const revHash = revision.status?.artifact?.revHash;
  const owner = controllerOf(revision)?.uid;
  if (revHash === undefined || !bot || isDeleting(bot) || (owner !== undefined && owner !== bot.metadata.uid)) return;
  const routed = Object.values((await deps.stores.routes.get(botId))?.value.revisions ?? {});
  const others = deps.revisions.byIndex('bot', keyOf(bot)).filter(({ metadata }) => metadata.uid !== revision.metadata.uid);
  const isNamed = routed.some((entry) => entry.revHash === revHash) || others.some((other) => deps.fresh.newest(keyOf(other), other)?.status?.artifact?.revHash === revHash);
  if (isNamed) return;
  const isGone = await deps.holds.remove(artefactFolder(botId, revHash), async () => {
    // The passport first: whoever finds it finds the rest.
    for (const file of ARTEFACT_FILES.toReversed()) await deps.artefacts.remove(artefactKey(botId, revHash, file));
  });
  if (!isGone) return;
  deps.passports.forget(botId, revHash);
  deps.log.info({ botId, revision: revision.metadata.name, revHash }, 'artefacts removed');
}
