import { existsSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { delimiter, dirname, resolve } from 'node:path';
import { parse } from 'yaml';

/** A cluster of a kubeconfig; files are absolute paths. */
export interface KubeCluster {
  server: string;
  caFile?: string;
  caData?: string;
  skipTlsVerify?: boolean;
  tlsServerName?: string;
}

/** A user of a kubeconfig; files are absolute paths. */
export interface KubeUser {
  certFile?: string;
  certData?: string;
  keyFile?: string;
  keyData?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  impersonate?: string;
  /** Its token or certificate comes from a program or an identity provider. */
  needsPlugin: boolean;
}

/** What one context of a kubeconfig says. */
export interface KubeTarget {
  namespace?: string;
  cluster: KubeCluster;
  user: KubeUser;
}

type Fields = Record<string, unknown>;
interface Named {
  [name: string]: { fields: Fields; folder: string };
}
interface Parts {
  clusters: Named;
  users: Named;
  contexts: Named;
  current: string | undefined;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const PLAIN_HTTP_PORTS = ['80', '8080', '8001'];

/**
 * Reads a kubeconfig file (or files, separated as in KUBECONFIG; of equal names the first counts). `context` is used instead of the current one; throws
 * when there is none of that name. All that a client needs for the common ways of access, in a tenth of the memory that client-node's models take.
 */
export function readKubeconfig(paths: string, context?: string): KubeTarget {
  const parts: Parts = { clusters: {}, users: {}, contexts: {}, current: undefined };
  for (const file of paths.split(delimiter).filter((path) => path !== '')) addFile(parts, file);
  const name = context ?? parts.current ?? '';
  const chosen = parts.contexts[name]?.fields;
  if (!chosen) throw new Error(`kubeconfig has no context "${name}"; it has: ${Object.keys(parts.contexts).join(', ') || 'none'}`);
  const cluster = parts.clusters[text(chosen['cluster']) ?? ''];
  if (!cluster) throw new Error(`kubeconfig has no cluster for context "${name}"`);
  const user = parts.users[text(chosen['user']) ?? ''];
  const namespace = text(chosen['namespace']);
  return { ...defined({ namespace }), cluster: clusterOf(cluster.fields, cluster.folder), user: userOf(user?.fields ?? {}, user?.folder ?? '') };
}

/** The service account of the pod that this process runs in; `env` are the variables that Kubernetes gives every container. */
export function readServiceAccount(env: { KUBERNETES_SERVICE_HOST?: string | undefined; KUBERNETES_SERVICE_PORT?: string | undefined }, folder: string = SERVICE_ACCOUNT): KubeTarget {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (host === undefined) throw new Error('no kubeconfig was given and this is no pod of Kubernetes (KUBERNETES_SERVICE_HOST is not set); set KUBECONFIG');
  const scheme = PLAIN_HTTP_PORTS.includes(port) ? 'http' : 'https';
  const namespaceFile = `${folder}/namespace`;
  const namespace = existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : undefined;
  return {
    ...defined({ namespace }),
    cluster: { server: `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`, caFile: `${folder}/ca.crt` },
    user: { tokenFile: `${folder}/token`, needsPlugin: false },
  };
}

function addFile(parts: Parts, file: string): void {
  const config = fieldsOf(parse(readFileSync(file, 'utf8')));
  const folder = dirname(resolve(file));
  for (const [list, member] of [['clusters', 'cluster'], ['users', 'user'], ['contexts', 'context']] as const) {
    for (const entry of Array.isArray(config[list]) ? config[list].map(fieldsOf) : []) {
      const name = text(entry['name']);
      if (name !== undefined) parts[list][name] ??= { fields: fieldsOf(entry[member]), folder };
    }
  }
  parts.current ??= text(config['current-context']);
}

function clusterOf(fields: Fields, folder: string): KubeCluster {
  const server = text(fields['server']);
  if (server === undefined) throw new Error('a cluster of the kubeconfig has no server');
  return {
    server,
    ...defined({ caFile: path(fields['certificate-authority'], folder), caData: text(fields['certificate-authority-data']), tlsServerName: text(fields['tls-server-name']) }),
    ...(fields['insecure-skip-tls-verify'] === true ? { skipTlsVerify: true } : {}),
  };
}

function userOf(fields: Fields, folder: string): KubeUser {
  const provider = fieldsOf(fields['auth-provider']);
  const isTokenFile = provider['name'] === 'tokenFile';
  return {
    ...defined({
      certFile: path(fields['client-certificate'], folder), certData: text(fields['client-certificate-data']),
      keyFile: path(fields['client-key'], folder), keyData: text(fields['client-key-data']),
      token: text(fields['token']), tokenFile: path(fields['tokenFile'] ?? (isTokenFile ? fieldsOf(provider['config'])['tokenFile'] : undefined), folder),
      username: text(fields['username']), password: text(fields['password']), impersonate: text(fields['as']),
    }),
    needsPlugin: typeof fields['exec'] === 'object' || (typeof fields['auth-provider'] === 'object' && !isTokenFile),
  };
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {});

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function path(value: unknown, folder: string): string | undefined {
  const file = text(value);
  return file === undefined ? undefined : resolve(folder, file);
}

/** Without the members that are undefined. */
function defined<T extends Record<string, string | undefined>>(fields: T): { [Key in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [Key in keyof T]?: string };
}
