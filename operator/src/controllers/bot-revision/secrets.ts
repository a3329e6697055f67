import { canonicalJson, sha256Hex } from '@botplane/domain';
import { SECRETS } from '@botplane/k8s';
import type { BotRevisionSpec } from '@botplane/k8s';
import { sealEnvelope } from '@botplane/kit/plain';
import { secretsKey } from '../../names.ts';
import { waiting } from '../../outcome.ts';
import type { Outcome } from '../../outcome.ts';
import { Reasons } from '../../reasons.ts';
import type { RevisionDeps, RevisionWork } from './observe.ts';
import { sourceAtHand } from './source.ts';

type SecretRef = NonNullable<BotRevisionSpec['secretRefs']>[number];

/** Source and secretRefs are at hand; the values are handed to the executors in an envelope, again whenever a Secret changed. */
export async function resolveSource(deps: RevisionDeps, work: RevisionWork): Promise<Outcome> {
  if (!work.bot) return waiting(Reasons.BotMissing, `Bot ${work.revision.spec.botRef.name} does not exist`);
  const refs = work.revision.spec.secretRefs ?? [];
  if (refs.length === 0) return sourceAtHand(deps, work);

  const namespace = work.revision.metadata.namespace ?? '';
  const missing = refs.find((ref) => !deps.secrets.has({ namespace, name: ref.secretName }));
  if (missing) return waiting(Reasons.SecretMissing, `Secret ${missing.secretName} does not exist in namespace ${namespace}; secretRefs needs it for ${missing.name}`);

  const key = secretsKey(work.botId, work.revision.metadata.name);
  const versions = versionsOf(deps, namespace, refs);
  if (work.draft.observedSecrets === versions && (await deps.stores.credentials.get(key))) return sourceAtHand(deps, work);
  return handOver(deps, work, { namespace, refs, key, versions });
}

function versionsOf(deps: RevisionDeps, namespace: string, refs: readonly SecretRef[]): string {
  const versions = refs.map((ref) => {
    const { uid, resourceVersion } = deps.secrets.get({ namespace, name: ref.secretName })?.metadata ?? {};
    return `${ref.name}=${ref.key}@${uid}/${resourceVersion}`;
  });
  return sha256Hex(canonicalJson(versions.toSorted()));
}

async function handOver(deps: RevisionDeps, work: RevisionWork, { namespace, refs, key, versions }: { namespace: string; refs: readonly SecretRef[]; key: string; versions: string }): Promise<Outcome> {
  const values: Record<string, string> = {};
  for (const ref of refs) {
    const data = (await deps.client.get(SECRETS, { namespace, name: ref.secretName }))?.data?.[ref.key];
    if (data === undefined) return waiting(Reasons.SecretMissing, `Secret ${ref.secretName} has no key ${ref.key}; secretRefs needs it for ${ref.name}`);
    values[ref.name] = Buffer.from(data, 'base64').toString('utf8');
  }
  await deps.stores.credentials.put(key, sealEnvelope(deps.settings.secretsInstallKey, key, JSON.stringify(values)));
  work.draft.observedSecrets = versions;
  return sourceAtHand(deps, work);
}
