import type { BotRuntime, ObjectRef, StoreReader } from '@botplane/k8s';
import { RECHECK_MS } from '../../limits.ts';
import { done, failed, waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import { isNamespaceAllowed } from './allowed-namespaces.ts';
import type { NamespaceLabels } from './allowed-namespaces.ts';

/** What says whose Bots a pool takes. */
export interface PoolAccess {
  runtimes: StoreReader<BotRuntime>;
  namespaces: Pick<NamespaceLabels, 'of'>;
}

/** Whether Bots of a namespace may use a pool: asked before anything is loaded there, routed there, or made like its pods. */
export async function checkPool({ runtimes, namespaces }: PoolAccess, { namespace = '', name }: ObjectRef, botNamespace: string): Promise<Outcome> {
  const runtime = runtimes.get({ namespace, name });
  if (!runtime) return waiting(Reasons.RuntimeNotFound, `BotRuntime ${name} does not exist in namespace ${namespace}`);
  if (await isNamespaceAllowed(runtime, botNamespace, namespaces.of)) return done(Reasons.Ready, '');
  const which = runtime.spec.allowedNamespaces?.from === 'Selector' ? 'of namespaces that its selector matches' : 'of its own namespace';
  // No watch tells when the labels of a namespace change.
  return failed(Reasons.RuntimeNotAllowed, `BotRuntime ${namespace}/${name} takes only Bots ${which}; see its allowedNamespaces`, RECHECK_MS);
}
