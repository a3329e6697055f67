import type { Pod } from '@botplane/k8s';
import { MissingConfigError, type ConfigSource } from './config-source.ts';
import type { Container, EnvVar } from './pod-types.ts';

/** What only the node knows about a pod. */
export interface PodPlace {
  readonly podAddress: string;
  readonly nodeAddress: string;
}

/** The variables of a container: `envFrom`, then `env` with references, the downward API and `$(NAME)`. */
export async function resolveEnv(
  pod: Pod,
  container: Container,
  place: PodPlace,
  source: ConfigSource,
): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const from of container.envFrom ?? []) {
    const prefix = from.prefix ?? '';
    for (const [key, value] of await readAll(from, source)) env[`${prefix}${key}`] = value.toString();
  }
  for (const variable of container.env ?? []) {
    const value = await resolveOne(pod, variable, place, source);
    if (value !== undefined) env[variable.name] = variable.valueFrom ? value : expand(value, env);
  }
  return env;
}

function readAll(
  from: NonNullable<Container['envFrom']>[number],
  source: ConfigSource,
): Promise<ReadonlyMap<string, Buffer>> {
  if (from.secretRef) return source.secret(from.secretRef.name ?? '', from.secretRef.optional ?? false);
  return source.configMap(from.configMapRef?.name ?? '', from.configMapRef?.optional ?? false);
}

async function resolveOne(
  pod: Pod,
  { value, valueFrom }: EnvVar,
  place: PodPlace,
  source: ConfigSource,
): Promise<string | undefined> {
  if (!valueFrom) return value ?? '';
  if (valueFrom.fieldRef) return fieldValue(pod, valueFrom.fieldRef.fieldPath, place);
  if (valueFrom.resourceFieldRef) return undefined; // Limits are not enforced here, so there is nothing true to say.
  const reference = valueFrom.secretKeyRef ?? valueFrom.configMapKeyRef;
  if (!reference) return undefined;
  const isOptional = reference.optional ?? false;
  const name = reference.name ?? '';
  const values = valueFrom.secretKeyRef ? await source.secret(name, isOptional) : await source.configMap(name, isOptional);
  const found = values.get(reference.key);
  if (found === undefined && !isOptional) throw new MissingConfigError(`"${name}" has no key "${reference.key}"`);
  return found?.toString();
}

/** The downward API's fields that make sense for a process. */
export function fieldValue(pod: Pod, path: string, place: PodPlace): string {
  const { metadata, spec } = pod;
  const indexed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (indexed) return (indexed[1] === 'labels' ? metadata.labels : metadata.annotations)?.[indexed[2] ?? ''] ?? '';
  const values: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec?.nodeName,
    'spec.serviceAccountName': spec?.serviceAccountName,
    'status.podIP': place.podAddress,
    'status.podIPs': place.podAddress,
    'status.hostIP': place.nodeAddress,
    'status.hostIPs': place.nodeAddress,
  };
  const value = values[path];
  if (value === undefined) throw new Error(`the downward API of the local node has no field ${path}`);
  return value;
}

/** `$(NAME)` becomes the value of an earlier variable, `$$` a dollar; unknown names stay as they are. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (match, name?: string) =>
    name === undefined ? '$' : (env[name] ?? match),
  );
}
