import { sha256Hex } from '@botplane/domain';
import { CONFIG_MAPS } from '@botplane/k8s';
import type { K8sClient } from '@botplane/k8s';
import { CONFIG_MAP_DIGESTS_MAX } from '../limits.ts';

/** Key of a ConfigMap that holds a BotSpec, unless the reference names another. */
const DEFAULT_KEY = 'botspec.yaml';

interface ConfigMapRef {
  name: string;
  key?: string;
}

/** The BotSpec in a ConfigMap as it is now, and the digest that tells whether it changed; undefined when there is none. */
export async function readSpecText(client: K8sClient, namespace: string, ref: ConfigMapRef): Promise<{ text: string; digest: string } | undefined> {
  const text = (await client.get(CONFIG_MAPS, { namespace, name: ref.name }))?.data?.[ref.key ?? DEFAULT_KEY];
  return text === undefined ? undefined : { text, digest: sha256Hex(text) };
}

/** Digests by version of the ConfigMap, so that a reconcile reads a large text only when it changed. */
export class ContentDigests {
  readonly #known = new Map<string, { version: string; digest: string }>();

  /** `version` is the resourceVersion that the watch tells. */
  async of(client: K8sClient, namespace: string, ref: ConfigMapRef, version: string): Promise<string | undefined> {
    const key = `${namespace}/${ref.name}/${ref.key ?? DEFAULT_KEY}`;
    const known = this.#known.get(key);
    if (known?.version === version) return known.digest;
    const content = await readSpecText(client, namespace, ref);
    this.#known.delete(key);
    if (!content) return undefined;
    this.#known.set(key, { version, digest: content.digest });
    const oldest = this.#known.keys().next().value;
    if (this.#known.size > CONFIG_MAP_DIGESTS_MAX && oldest !== undefined) this.#known.delete(oldest);
    return content.digest;
  }
}

/** What is missing, for people. */
export const missingConfigMap = (namespace: string, ref: ConfigMapRef): string =>
  `ConfigMap ${ref.name} with a key ${ref.key ?? DEFAULT_KEY} does not exist in namespace ${namespace}; source.configMapRef names it`;
