import { K8sError } from '@botplane/k8s';
import type { ReconcileWitness } from '@botplane/k8s';
import type { Tracing } from '@botplane/kit/plain';

/** Makes each reconcile a trace of its own. `key` is `<namespace>/<name>`. */
export const traceReconciles = (tracing: Tracing, controller: string): ReconcileWitness => (key) => {
  const at = key.indexOf('/');
  const span = tracing.begin(`reconcile ${controller}`, 'internal', { 'botplane.controller': controller, 'k8s.namespace.name': key.slice(0, Math.max(at, 0)), 'botplane.object.name': key.slice(at + 1) });
  return span && ((error) => {
    if (error !== undefined) span.fail(error instanceof K8sError ? `kubernetes ${error.status}` : error instanceof Error ? error.name : 'unknown');
    span.end();
  });
};
