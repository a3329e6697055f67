import { CONFIG_MAPS, SECRETS, type K8sClient } from '@botplane/k8s';

/** Something a container needs is not there yet; it is looked for again. */
export class MissingConfigError extends Error {
  override readonly name = 'MissingConfigError';
}

/** Values of the Secrets and ConfigMaps of one namespace, read when a container starts. */
export class ConfigSource {
  private readonly client: K8sClient;
  private readonly namespace: string;

  constructor(client: K8sClient, namespace: string) {
    this.client = client;
    this.namespace = namespace;
  }

  /** All values of a Secret. An absent one is empty when optional, else a MissingConfigError. */
  async secret(name: string, isOptional: boolean): Promise<ReadonlyMap<string, Buffer>> {
    const secret = await this.client.get(SECRETS, { name, namespace: this.namespace });
    if (!secret) return this.absent('secret', name, isOptional);
    const entries = Object.entries(secret.data ?? {});
    return new Map(entries.map(([key, value]) => [key, Buffer.from(value, 'base64')]));
  }

  /** All values of a ConfigMap, likewise. */
  async configMap(name: string, isOptional: boolean): Promise<ReadonlyMap<string, Buffer>> {
    const map = await this.client.get(CONFIG_MAPS, { name, namespace: this.namespace });
    if (!map) return this.absent('configmap', name, isOptional);
    const text = Object.entries(map.data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const);
    const binary = Object.entries(map.binaryData ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')] as const);
    return new Map([...text, ...binary]);
  }

  private absent(kind: string, name: string, isOptional: boolean): ReadonlyMap<string, Buffer> {
    if (isOptional) return new Map();
    throw new MissingConfigError(`${kind} "${name}" not found`);
  }
}
