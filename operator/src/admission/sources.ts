import { setTimeout as sleep } from 'node:timers/promises';
import type { BotRevisionSpec, K8sClient } from '@botplane/k8s';
import type { BundleStore } from '../adapters/bundle-store.ts';
import type { SpecSource } from '../adapters/compile-protocol.ts';
import { missingConfigMap, readSpecText } from '../controllers/config-map-source.ts';
import { ADMISSION_SOURCE_MS_MAX } from '../limits.ts';

/** What stands behind the source of a manifest now. `unread`: why that cannot be said, for people. */
export type ReadSource = { read: SpecSource } | { refused: string } | { unread: string };

/** Reads what a manifest names, in bounded time: kube-apiserver waits. */
export async function readSource(deps: { client: K8sClient; bundles: BundleStore }, namespace: string, source: BotRevisionSpec['source']): Promise<ReadSource> {
  const reading = new AbortController();
  const late = sleep(ADMISSION_SOURCE_MS_MAX, { unread: `it could not be read within ${ADMISSION_SOURCE_MS_MAX / 1_000} s` }, { signal: reading.signal });
  try {
    return await Promise.race([readNow(deps, namespace, source), late]);
  } catch {
    return { unread: 'it could not be read' };
  } finally {
    reading.abort();
    late.catch(() => undefined);
  }
}

async function readNow({ client, bundles }: { client: K8sClient; bundles: BundleStore }, namespace: string, { botSpec, configMapRef, bundleRef }: BotRevisionSpec['source']): Promise<ReadSource> {
  if (configMapRef) {
    const content = await readSpecText(client, namespace, configMapRef);
    if (!content) return { unread: missingConfigMap(namespace, configMapRef) };
    if (configMapRef.digest !== undefined && configMapRef.digest !== content.digest) return { unread: `ConfigMap ${configMapRef.name} has other content than that with digest ${configMapRef.digest.slice(0, 12)}…` };
    return { read: { text: content.text } };
  }
  if (!bundleRef) return { read: { botSpec: botSpec ?? {} } };
  const fetched = await bundles.fetch(bundleRef.digest);
  if (fetched.kind === 'bundle') return { read: { bundled: fetched.bundle.specText, files: fetched.bundle.facts } };
  // Its digest says that it will never be another; what lies in its place may be put right.
  return fetched.kind === 'invalid' ? { refused: fetched.message } : { unread: fetched.message };
}
