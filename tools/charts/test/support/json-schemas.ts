import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';

interface Schema {
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

/** kubeconform's pattern for the files of {@link writeSchemas}; of the core group it says the version as the group. */
export const SCHEMA_PATTERN = '{{ .ResourceKind }}_{{ .Group }}_{{ .ResourceAPIVersion }}.json';

/** Writes a closed JSON Schema of every kind that kube-apiserver serves, from its own OpenAPI: nothing is downloaded, and the version is the pinned one. */
export async function writeSchemas(cluster: Cluster, folder: string, apiVersions: Iterable<string>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await Promise.all([...apiVersions].map(async (apiVersion) => {
    const path = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
    const { components } = JSON.parse(await cluster.kubectl(['get', '--raw', `/openapi/v3/${path}`])) as { components: { schemas: Record<string, Schema> } };
    for (const schema of Object.values(components.schemas)) close(schema);
    for (const [name, schema] of Object.entries(components.schemas)) {
      for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
        if ([group, version].filter(Boolean).join('/') !== apiVersion) continue;
        await writeFile(join(folder, `${kind.toLowerCase()}_${group || version}_${version}.json`), JSON.stringify({ $ref: `#/components/schemas/${name}`, components }));
      }
    }
  }));
}

/** Unknown fields are mistakes, except where Kubernetes keeps them. */
function close(schema: unknown): void {
  if (schema === null || typeof schema !== 'object') return;
  const node = schema as Schema;
  if (!Array.isArray(schema) && node.properties && node.additionalProperties === undefined && !node['x-kubernetes-preserve-unknown-fields']) node.additionalProperties = false;
  for (const child of Object.values(schema)) close(child);
}
