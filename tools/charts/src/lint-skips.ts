/** A check of another project that ours does not follow, and why. */
export interface Skip {
  readonly check: string;
  readonly reason: string;
}

/** Of kube-score, for every object. What concerns one object stands in its annotation `kube-score/ignore`. */
export const KUBE_SCORE_SKIPS: readonly Skip[] = [
  { check: 'container-image-pull-policy', reason: 'tags name versions and never move; with Always no pod starts while the registry is away' },
];

/** CPU limits throttle long before a node is busy, and an answer waits for it; requests keep the shares fair. Checked by kube-score and checkov. */
export const NO_CPU_LIMITS = 'limits of CPU throttle while the node idles, and every answer waits; requests keep the shares fair';

/** Of checkov. */
export const CHECKOV_SKIPS: readonly Skip[] = [
  { check: 'CKV_K8S_8', reason: 'the pods of helm test and of backups end by themselves, and in time; everything else has a liveness probe' },
  { check: 'CKV_K8S_9', reason: 'the pods of helm test and of backups serve nobody; everything else has a readiness probe' },
  { check: 'CKV_K8S_11', reason: NO_CPU_LIMITS },
  { check: 'CKV_K8S_15', reason: 'tags name versions and never move; with Always no pod starts while the registry is away' },
  { check: 'CKV_K8S_35', reason: 'keys of S3 and the URL of PostgreSQL are variables, as their clients and servers read them; the install keys and bot tokens are files' },
  { check: 'CKV_K8S_38', reason: 'operator and the pod of helm test talk to Kubernetes; no other pod has a token' },
  { check: 'CKV_K8S_40', reason: 'the PostgreSQL image knows its data folder by user 70; postgres.user says otherwise' },
  { check: 'CKV_K8S_43', reason: 'digests are the installer\'s to pin: <service>.image.digest' },
  { check: 'CKV_K8S_155', reason: 'the operator writes the certificate into its own webhook configuration, which its role names; it may touch no other' },
];
