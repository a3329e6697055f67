import { bundleKey, bundleFolder } from '@botplane/botspec';
import type { Bot, BotRevision, Logger, StoreReader } from '@botplane/k8s';
import type { ArtefactStore } from '@botplane/kit';
import { BUNDLE_SWEEP_MS, BUNDLE_UNUSED_MS_MIN } from '../limits.ts';

export interface BundleSweepDeps {
  artefacts: Pick<ArtefactStore, 'list' | 'remove'>;
  bots: Pick<StoreReader<Bot>, 'list'>;
  revisions: Pick<StoreReader<BotRevision>, 'list'>;
  log: Pick<Logger, 'info' | 'warn'>;
  nowMs: () => number;
}

/**
 * Removes bundles that were put into the bucket a week ago or earlier and that neither a Bot's template nor a BotRevision names. What was pushed lately
 * may be waiting for its manifest.
 */
export class BundleSweep {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly deps: BundleSweepDeps) {}

  /** For the leader only: it removes. Sweeps every hour. */
  start(): void {
    this.timer ??= setInterval(() => void (this.running = this.sweep().catch((err: unknown) => this.deps.log.warn({ err }, 'bundles could not be swept'))), BUNDLE_SWEEP_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  async sweep(): Promise<void> {
    const { artefacts, log, nowMs } = this.deps;
    for await (const { key, modifiedMs } of artefacts.list(bundleFolder)) {
      // Asked anew for each: a manifest may have come meanwhile.
      if (nowMs() - modifiedMs < BUNDLE_UNUSED_MS_MIN || this.isNamed(key)) continue;
      await artefacts.remove(key);
      log.info({ key }, 'bundle that nothing names removed');
    }
  }

  private isNamed(key: string): boolean {
    const digests = [...this.deps.bots.list().map(({ spec }) => spec.template?.spec.source.bundleRef), ...this.deps.revisions.list().map(({ spec }) => spec.source.bundleRef)];
    return digests.some((ref) => ref !== undefined && bundleKey(ref.digest) === key);
  }
}
