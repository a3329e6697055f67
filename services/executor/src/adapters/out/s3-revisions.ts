import { artefactKey } from '@botplane/contracts';
import type { RevisionPassport } from '@botplane/contracts';
import { AppError, ErrorCode } from '@botplane/kit';
import type { ArtefactStore } from '@botplane/kit';
import { LRUCache } from 'lru-cache';
import { GuestFailure, TemporaryFailure } from '../../app/failures.ts';
import type { Passports } from '../../app/ports.ts';
import { LIMITS } from '../../limits.ts';

/** rev.json and bot.js of published revisions. */
export class S3Revisions implements Passports {
  private readonly passports = new LRUCache<string, Promise<RevisionPassport>>({ max: LIMITS.passportsMax });

  constructor(private readonly store: ArtefactStore) {}

  get(botId: string, revHash: string): Promise<RevisionPassport> {
    const key = artefactKey(botId, revHash, 'rev.json');
    let passport = this.passports.get(key);
    if (passport === undefined) {
      passport = this.read(key).then((text) => JSON.parse(text.toString('utf8')) as RevisionPassport);
      this.passports.set(key, passport);
      passport.catch(() => this.passports.delete(key));
    }
    return passport;
  }

  /** bot.js, checked against the passport's hash. */
  async code(botId: string, revHash: string): Promise<{ code: Buffer; passport: RevisionPassport }> {
    const passport = await this.get(botId, revHash);
    return { code: await this.read(artefactKey(botId, revHash, 'bot.js'), passport.files['bot.js'].sha256), passport };
  }

  private async read(key: string, sha256?: string): Promise<Buffer> {
    try {
      return await this.store.get(key, sha256);
    } catch (error) {
      // What is missing or spoilt does not come back by waiting.
      if (error instanceof AppError && (error.code === ErrorCode.ArtefactMissing || error.code === ErrorCode.ArtefactCorrupt)) throw new GuestFailure(error.code, error.message, { cause: error });
      throw new TemporaryFailure('s3', (error as Error).message, { cause: error });
    }
  }
}
