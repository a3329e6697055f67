import type { RequestOptions } from 'node:https';
import { delimiter } from 'node:path';
import type { TlsOptions } from './tls-options.ts';

/** Gives headers and TLS settings; keeps the token until it expires. */
export type AuthPlugin = () => Promise<{ headers: Record<string, string>; tls: TlsOptions }>;

/**
 * Users of a kubeconfig whose token comes from a program (`exec`) or an identity provider: client-node knows them all. It is loaded only for them, since
 * its models take 60 MiB.
 */
export async function openAuthPlugin(paths: string, context?: string): Promise<AuthPlugin> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const [first = '', ...others] = paths.split(delimiter).filter((file) => file !== '');
  const config = new KubeConfig();
  config.loadFromFile(first);
  for (const file of others) {
    const other = new KubeConfig();
    other.loadFromFile(file);
    config.mergeConfig(other, true);
  }
  if (context !== undefined) config.setCurrentContext(context);
  return async () => {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    return { headers: authHeaders(options), tls: tlsOptions(options) };
  };
}

function authHeaders(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  // What a program printed may end with a line break, which no header may hold.
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value).trim();
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
