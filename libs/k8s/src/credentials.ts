import { readFile } from 'node:fs/promises';
import { openAuthPlugin } from './auth-plugin.ts';
import type { AuthPlugin } from './auth-plugin.ts';
import { clusterEnv } from './config.ts';
import { readKubeconfig, readServiceAccount } from './kubeconfig.ts';
import type { KubeCluster, KubeTarget, KubeUser } from './kubeconfig.ts';
import { CREDENTIALS_AGE_MS_MAX, CREDENTIALS_RELOAD_INTERVAL_MS_MIN } from './limits.ts';
import type { TlsOptions } from './tls-options.ts';

/** What a connection to the API server needs, read from the kubeconfig just now. */
export interface Credentials {
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  /** Changes when the connection must be made anew: server, CA, client certificate. */
  readonly fingerprint: string;
}

/** Where the API server is: a kubeconfig (or several, as in KUBECONFIG); without one, the pod's own service account. */
export interface CredentialOptions {
  kubeconfigPath?: string;
  context?: string;
}

/** Credentials of a kubeconfig or a pod. Certificates and token files are read again every 10 s, and all of it after {@link reload}. */
export class CredentialSource {
  private readonly options: CredentialOptions;
  private target: KubeTarget;
  private plugin: Promise<AuthPlugin> | undefined;
  private current: Promise<Credentials> | undefined;
  private readAtMs = 0;
  private loadedAtMs = Date.now();

  /** Throws when there is no such file or context. */
  constructor(options: CredentialOptions) {
    this.options = options;
    this.target = this.load();
  }

  /** The namespace of the context: in a cluster, the pod's own. */
  get namespace(): string | undefined {
    return this.target.namespace;
  }

  get(): Promise<Credentials> {
    if (this.current === undefined || Date.now() - this.readAtMs > CREDENTIALS_AGE_MS_MAX) {
      this.readAtMs = Date.now();
      const reading = this.read(this.target);
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
    this.target = this.load();
    this.plugin = undefined;
    this.current = undefined;
    return true;
  }

  private load(): KubeTarget {
    const { kubeconfigPath, context } = this.options;
    return kubeconfigPath ? readKubeconfig(kubeconfigPath, context) : readServiceAccount(clusterEnv());
  }

  private async read({ cluster, user }: KubeTarget): Promise<Credentials> {
    const { headers, tls } = user.needsPlugin ? await this.askPlugin() : { headers: await authHeaders(user), tls: await tlsOptions(cluster, user) };
    return { server: cluster.server.replace(/\/+$/, ''), headers, tls, fingerprint: fingerprintOf(cluster.server, tls) };
  }

  private async askPlugin(): ReturnType<AuthPlugin> {
    const { kubeconfigPath = '', context } = this.options;
    const opening = (this.plugin ??= openAuthPlugin(kubeconfigPath, context));
    opening.catch(() => (this.plugin = undefined));
    return (await opening)();
  }
}

async function authHeaders({ token, tokenFile, username, password = '', impersonate }: KubeUser): Promise<Record<string, string>> {
  // A token file may end with a line break, which no header may hold.
  const bearer = tokenFile === undefined ? token : (await readFile(tokenFile, 'utf8')).trim();
  return {
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...(bearer === undefined && username !== undefined ? { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` } : {}),
    ...(impersonate === undefined ? {} : { 'impersonate-user': impersonate }),
  };
}

async function tlsOptions(cluster: KubeCluster, user: KubeUser): Promise<TlsOptions> {
  const [ca, cert, key] = await Promise.all([content(cluster.caFile, cluster.caData), content(user.certFile, user.certData), content(user.keyFile, user.keyData)]);
  return {
    ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}),
    ...(cluster.skipTlsVerify ? { rejectUnauthorized: false } : {}),
    ...(cluster.tlsServerName === undefined ? {} : { servername: cluster.tlsServerName }),
  };
}

/** Inline data counts before a file, as in kubectl. */
async function content(file: string | undefined, data: string | undefined): Promise<Buffer | undefined> {
  if (data !== undefined) return Buffer.from(data, 'base64');
  return file === undefined ? undefined : readFile(file);
}

function fingerprintOf(server: string, tls: TlsOptions): string {
  return JSON.stringify([server, String(tls.ca), String(tls.cert), String(tls.key), tls.rejectUnauthorized, tls.servername]);
}
