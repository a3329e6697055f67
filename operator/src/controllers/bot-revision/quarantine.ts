import { setTimeout as sleep } from 'node:timers/promises';
import type { ListQuarantinedResponse } from '@botplane/contracts';
import type { BotRevision, Logger } from '@botplane/k8s';
import { QUARANTINE_CALLS_MAX, QUARANTINE_POLL_MS, QUARANTINE_POLL_MS_MAX } from '../../limits.ts';

type Quarantined = ListQuarantinedResponse['revisions'][number];

export interface QuarantineOptions {
  /** Addresses of the runtime pods that are ready now. */
  readonly addresses: () => readonly string[];
  readonly ask: (address: string) => Promise<readonly Quarantined[] | undefined>;
  /** The BotRevision with these artefacts, if it is known. */
  readonly find: (botId: string, revHash: string) => BotRevision | undefined;
  /** Told once for each revision. */
  readonly onFound: (revision: BotRevision) => void;
  readonly log: Logger;
}

interface Silence {
  pauseMs: number;
  untilMs: number;
}

/**
 * What runtime pods have in quarantine. They call nobody, so they are asked; a pod that does not answer is asked less and less often. What was
 * found once stays found: the code of a revision never changes.
 */
export class Quarantine {
  private readonly options: QuarantineOptions;
  private readonly causes = new Map<string, string>();
  private readonly silent = new Map<string, Silence>();
  private readonly stopped = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(options: QuarantineOptions) {
    this.options = options;
  }

  start(): void {
    this.loop ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.loop;
  }

  /** Why the revision is in quarantine; undefined: it is not, as far as is known since this process started. */
  causeOf(uid: string): string | undefined {
    return this.causes.get(uid);
  }

  /** The revision is gone. */
  forget(uid: string): void {
    this.causes.delete(uid);
  }

  private async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      await this.askAll();
      await sleep(QUARANTINE_POLL_MS, undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  /** One round; what fails is left to a later one. */
  async askAll(): Promise<void> {
    const addresses = this.options.addresses();
    for (const address of this.silent.keys()) if (!addresses.includes(address)) this.silent.delete(address);
    const due = addresses.filter((address) => (this.silent.get(address)?.untilMs ?? 0) <= performance.now());
    for (let from = 0; from < due.length; from += QUARANTINE_CALLS_MAX) {
      await Promise.all(due.slice(from, from + QUARANTINE_CALLS_MAX).map((address) => this.ask(address)));
    }
  }

  private async ask(address: string): Promise<void> {
    const found = await this.options.ask(address);
    if (!found) return this.leaveAlone(address);
    this.silent.delete(address);
    for (const { bot_id: botId, rev_hash: revHash, cause } of found) this.note(botId, revHash, cause);
  }

  private note(botId: string, revHash: string, cause: string): void {
    const revision = this.options.find(botId, revHash);
    const uid = revision?.metadata.uid;
    if (!revision || uid === undefined || this.causes.has(uid)) return;
    this.causes.set(uid, cause);
    this.options.log.warn({ botId, revision: revision.metadata.name, cause }, 'a runtime pod has the revision in quarantine');
    this.options.onFound(revision);
  }

  private leaveAlone(address: string): void {
    const pauseMs = Math.min((this.silent.get(address)?.pauseMs ?? QUARANTINE_POLL_MS / 2) * 2, QUARANTINE_POLL_MS_MAX);
    this.silent.set(address, { pauseMs, untilMs: performance.now() + pauseMs });
  }
}
