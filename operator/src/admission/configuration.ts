import { defineResource } from '@botplane/k8s';
import type { Applied, CustomObject } from '@botplane/k8s';
import { ADMISSION_TIMEOUT_S } from '../limits.ts';

export const VALIDATING_WEBHOOKS = defineResource<CustomObject & { webhooks?: unknown }>('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', 'cluster');

/** How kube-apiserver reaches the webhook. */
export type AdmissionAddress = { url: string } | { service: { namespace: string; name: string; port: number } };

/** The name that the certificate must carry. */
export function hostOf(address: AdmissionAddress): string {
  return 'url' in address ? new URL(address.url).hostname : `${address.service.name}.${address.service.namespace}.svc`;
}

/**
 * The registration at kube-apiserver. `failurePolicy: Ignore`: without the operator manifests are still taken, and their errors stand in the
 * conditions. Status is a subresource and never comes here.
 */
export function webhookConfiguration(name: string, address: AdmissionAddress, ca: string): Applied<CustomObject & { webhooks?: unknown }> {
  const clientConfig = {
    caBundle: Buffer.from(ca).toString('base64'),
    ...('url' in address ? { url: new URL('/validate', address.url).href } : { service: { ...address.service, path: '/validate' } }),
  };
  const shared = { clientConfig, admissionReviewVersions: ['v1'], sideEffects: 'None', failurePolicy: 'Ignore', timeoutSeconds: ADMISSION_TIMEOUT_S };
  const rule = (resource: string, operations: string[]): object => ({ apiGroups: ['botplane.dev'], apiVersions: ['*'], operations, resources: [resource], scope: 'Namespaced' });
  return {
    metadata: { name },
    webhooks: [
      { ...shared, name: 'bots.admission.botplane.dev', rules: [rule('bots', ['CREATE', 'UPDATE'])] },
      { ...shared, name: 'botrevisions.admission.botplane.dev', rules: [rule('botrevisions', ['CREATE'])] },
    ],
  };
}
