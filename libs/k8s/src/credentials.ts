import { delimiter } from 'node:path';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { CREDENTIALS_AGE_MS_MAX, CREDENTIALS_RELOAD_INTERVAL_MS_MIN } from './limits.ts';

/** What a connection to the API server needs, read from the kubeconfig just now. */
export interface Credentials {
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  /** Changes when the connection must be made anew: server, CA, client certificate. */
  readonly fingerprint: string;
}

/** The TLS part, in the shape undici's connector takes. */
export interface TlsOptions {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  rejectUnauthorized?: boolean;
  servername?: string;
}

/**
 * Reads credentials through client-node's KubeConfig, which knows files, inline data, exec plugins and in-cluster tokens.
 * CA and certificate files are read again every 10 s, token files once a minute, and all of it after {@link reload}.
 */
export class CredentialSource {
  private config: KubeConfig;
  private current: Promise<Credentials> | undefined;
  private readAtMs = 0;
  private loadedAtMs = Date.now();
  private readonly load: () => KubeConfig;

  /** `load` makes a fresh KubeConfig; see {@link loadKubeConfig}. */
  constructor(load: () => KubeConfig) {
    this.load = load;
    this.config = load();
  }

  /** The namespace of the current context: in a cluster, the pod's own. */
  get namespace(): string | undefined {
    return this.config.getContextObject(this.config.getCurrentContext())?.namespace;
  }

  get(): Promise<Credentials> {
    if (this.current === undefined || Date.now() - this.readAtMs > CREDENTIALS_AGE_MS_MAX) {
      this.readAtMs = Date.now();
      const reading = readCredentials(this.config);
      this.current = reading;
      reading.catch(() => {
        if (this.current === reading) this.current = undefined;
      });
    }
    return this.current;
  }

  /** Forgets what was read, the token too. Returns false when that was done a moment ago, so asking again is no use. */
  reload(): boolean {
    if (Date.now() - this.loadedAtMs < CREDENTIALS_RELOAD_INTERVAL_MS_MIN) return false;
    this.loadedAtMs = Date.now();
    this.config = this.load();
    this.current = undefined;
    return true;
  }
}

/**
 * Loads the given kubeconfig file (or files, separated as in KUBECONFIG); without one, the pod's own service account. `context` is used instead of
 * the file's current one; throws when the file has none of that name.
 */
export function loadKubeConfig(kubeconfigPath?: string, context?: string): KubeConfig {
  const config = readFiles(kubeconfigPath);
  if (context === undefined) return config;
  if (!config.getContextObject(context)) throw new Error(`kubeconfig has no context "${context}"; it has: ${config.contexts.map(({ name }) => name).join(', ') || 'none'}`);
  config.setCurrentContext(context);
  return config;
}

function readFiles(kubeconfigPath: string | undefined): KubeConfig {
  const config = new KubeConfig();
  const [first, ...others] = (kubeconfigPath ?? '').split(delimiter).filter((file) => file !== '');
  if (first === undefined) {
    config.loadFromCluster();
    return config;
  }
  config.loadFromFile(first);
  for (const file of others) {
    const other = new KubeConfig();
    other.loadFromFile(file);
    config.mergeConfig(other, true);
  }
  return config;
}

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error(`kubeconfig has no cluster for context "${config.getCurrentContext()}"`);

  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const tls = tlsOptions(options);
  return { server: cluster.server.replace(/\/+$/, ''), headers: authHeaders(options), tls, fingerprint: fingerprintOf(cluster.server, tls) };
}

function authHeaders(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  // A token file may end with a line break, which no header may hold.
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value).trim();
  if (options.auth) headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return headers;
}

function tlsOptions(options: RequestOptions): TlsOptions {
  const tls: TlsOptions = {};
  if (options.ca) tls.ca = options.ca as Buffer;
  if (options.cert) tls.cert = options.cert as Buffer;
  if (options.key) tls.key = options.key as Buffer;
  if (options.rejectUnauthorized !== undefined) tls.rejectUnauthorized = options.rejectUnauthorized;
  if (options.servername !== undefined) tls.servername = options.servername;
  return tls;
}

function fingerprintOf(server: string, tls: TlsOptions): string {
  return JSON.stringify([server, String(tls.ca), String(tls.cert), String(tls.key), tls.rejectUnauthorized, tls.servername]);
}
