import { isDeleting } from '@botplane/k8s';
import type { KubeObject, ReconcileResult } from '@botplane/k8s';
import { Annotations } from './names.ts';

/** True when a person told the operator to leave the object alone. A deletion is worked on in any case: it was asked for, too. */
export const isHandsOff = (object: KubeObject): boolean => object.metadata.annotations?.[Annotations.reconcile] === 'disabled' && !isDeleting(object);

/** Reconciles a key unless one of the objects it is about says otherwise; the change of an annotation brings the key back. */
export function unlessDisabled(
  objectsOf: (key: string) => readonly (KubeObject | undefined)[], reconcile: (key: string) => Promise<ReconcileResult>,
): (key: string) => Promise<ReconcileResult> {
  return async (key) => (objectsOf(key).some((object) => object !== undefined && isHandsOff(object)) ? {} : reconcile(key));
}
