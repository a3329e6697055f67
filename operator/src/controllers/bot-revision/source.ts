import { BUNDLE_RECHECK_MS } from '../../limits.ts';
import { done, failed, waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import type { RevisionDeps, RevisionWork } from './observe.ts';

/** The spec is where the revision says. A bundle is fetched only while there is something to compile. */
export async function sourceAtHand(deps: RevisionDeps, work: RevisionWork): Promise<Outcome> {
  const { configMapRef, bundleRef } = work.revision.spec.source;
  if (bundleRef) return bundleAtHand(deps, work, bundleRef.digest);
  return configMapRef ? done(Reasons.FromConfigMap, `BotSpec of ConfigMap ${configMapRef.name}`) : done(Reasons.Inline, 'inline BotSpec');
}

async function bundleAtHand(deps: RevisionDeps, work: RevisionWork, digest: string): Promise<Outcome> {
  const found = done(Reasons.FromBundle, `BotSpec of bundle ${digest.slice(0, 12)}…`);
  if (work.draft.artifact || deps.verdicts.published.has(work.revision.metadata.uid ?? '')) return found;
  const fetched = await deps.bundles.fetch(digest);
  switch (fetched.kind) {
    case 'bundle':
      work.bundle = fetched.bundle;
      return found;
    case 'missing':
      return waiting(Reasons.BundleNotFound, fetched.message, BUNDLE_RECHECK_MS);
    case 'mismatch':
      return failed(Reasons.DigestMismatch, fetched.message, BUNDLE_RECHECK_MS);
    case 'invalid':
      return failed(Reasons.BundleInvalid, fetched.message, BUNDLE_RECHECK_MS);
  }
}
