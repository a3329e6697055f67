import { artefactKey } from '@botplane/contracts';
import type { RevisionPassport } from '@botplane/contracts';
import type { ArtefactStore } from '@botplane/kit/artefacts';
import { PASSPORTS_MAX } from './limits.ts';

/** rev.json of published revisions, from memory or S3. They never change, so they are never read twice while remembered. */
export class Passports {
  private readonly known = new Map<string, RevisionPassport>();
  private readonly artefacts: Pick<ArtefactStore, 'get'>;

  constructor(artefacts: Pick<ArtefactStore, 'get'>) {
    this.artefacts = artefacts;
  }

  /** Keeps one that was just published. */
  remember(passport: RevisionPassport): void {
    this.known.delete(this.key(passport.botId, passport.revHash));
    this.known.set(this.key(passport.botId, passport.revHash), passport);
    const oldest = this.known.keys().next().value;
    if (this.known.size > PASSPORTS_MAX && oldest !== undefined) this.known.delete(oldest);
  }

  /** Throws `artefact.missing` or `store.unavailable`. */
  async get(botId: string, revHash: string): Promise<RevisionPassport> {
    const known = this.known.get(this.key(botId, revHash));
    if (known) return known;
    const passport = JSON.parse((await this.artefacts.get(artefactKey(botId, revHash, 'rev.json'))).toString('utf8')) as RevisionPassport;
    this.remember(passport);
    return passport;
  }

  /** It is gone from S3. */
  forget(botId: string, revHash: string): void {
    this.known.delete(this.key(botId, revHash));
  }

  private readonly key = (botId: string, revHash: string): string => `${botId}/${revHash}`;
}
