import type { KubeObject } from '@botplane/k8s';

/** What kube-apiserver asks (`admission.k8s.io/v1`), as far as it is used here. */
export interface AdmissionRequest {
  uid: string;
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  kind: { kind: string };
  /** Set by kube-apiserver even where the object itself leaves it out. */
  namespace?: string;
  object?: KubeObject | null;
  oldObject?: KubeObject | null;
}

/** The answer to one request. `message` is what kubectl prints. */
export type Verdict = { allowed: true; warnings: string[] } | { allowed: false; message: string; causes: Cause[]; warnings: string[] };

/** One field that must change. */
export interface Cause {
  field: string;
  message: string;
}

/** Reads the body of an AdmissionReview; undefined when it is none. */
export function parseReview(body: string): AdmissionRequest | undefined {
  try {
    const { request } = JSON.parse(body) as { request?: AdmissionRequest };
    return typeof request?.uid === 'string' && typeof request.kind?.kind === 'string' ? request : undefined;
  } catch {
    return undefined;
  }
}

/** The AdmissionReview that answers the request. */
export function renderReview({ uid, kind, object }: AdmissionRequest, verdict: Verdict): object {
  const { allowed, warnings } = verdict;
  const about = { group: 'botplane.dev', kind: kind.kind, name: object?.metadata.name ?? '' };
  const status = verdict.allowed ? {} : { status: { status: 'Failure', code: 422, reason: 'Invalid', message: verdict.message, details: { ...about, causes: verdict.causes.map(toCause) } } };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed, ...status, ...(warnings.length > 0 ? { warnings } : {}) } };
}

const toCause = ({ field, message }: Cause): object => ({ reason: 'FieldValueInvalid', field, message });
