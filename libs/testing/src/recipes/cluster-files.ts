import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateAuthority, generateClientCertificate, generateServerCertificate } from '../certificates.ts';

const LOOPBACK = '127.0.0.1';
/** The address of the `kubernetes` Service: the first of the service range. */
const FIRST_SERVICE_ADDRESS = '10.96.0.1';

/** The users of a local cluster. Names with `system:` have their rights from the cluster's own roles. */
export const CLUSTER_USERS = {
  admin: { user: 'admin', groups: 'system:masters' },
  operator: { user: 'operator', groups: 'system:masters' },
  'local-node': { user: 'local-node', groups: 'system:masters' },
  'kube-controller-manager': { user: 'system:kube-controller-manager', groups: '' },
  'kube-scheduler': { user: 'system:kube-scheduler', groups: '' },
} as const;
export type ClusterUser = keyof typeof CLUSTER_USERS;

/** Paths of the credentials of one cluster; all files are readable by their owner only. */
export interface ClusterFiles {
  readonly folder: string;
  readonly caCert: string;
  readonly caKey: string;
  readonly serverCert: string;
  readonly serverKey: string;
  /** kube-apiserver shows this certificate to kubelets. */
  readonly kubeletClientCert: string;
  readonly kubeletClientKey: string;
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
  readonly tokens: string;
  kubeconfig(user: ClusterUser): string;
}

/** Where everything lies below `folder`. */
export function clusterFiles(folder: string): ClusterFiles {
  const at = (name: string): string => join(folder, name);
  return {
    folder,
    caCert: at('ca.crt'),
    caKey: at('ca.key'),
    serverCert: at('kube-apiserver.crt'),
    serverKey: at('kube-apiserver.key'),
    kubeletClientCert: at('kubelet-client.crt'),
    kubeletClientKey: at('kubelet-client.key'),
    serviceAccountKey: at('service-account.key'),
    serviceAccountPublicKey: at('service-account.pub'),
    tokens: at('tokens.csv'),
    kubeconfig: (user) => at(`${user}.kubeconfig`),
  };
}

/** Makes the credentials once, and the kubeconfigs every time (the port may have changed). `address` is that of kube-apiserver. */
export async function ensureClusterFiles(folder: string, port: number, address = LOOPBACK): Promise<ClusterFiles> {
  const files = clusterFiles(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // The tokens are written last: their file stands for a complete set.
  if (!existsSync(files.tokens)) {
    await writeCertificates(files, address);
    await writeServiceAccountKeys(files);
    await writeTokens(files);
  }
  const tokenOf = readTokens(files);
  for (const name of Object.keys(CLUSTER_USERS) as ClusterUser[]) {
    await writePrivate(files.kubeconfig(name), kubeconfig(files, name, `${address}:${port}`, tokenOf.get(CLUSTER_USERS[name].user) ?? ''));
  }
  return files;
}

/** Bearer tokens by user name. */
export function readTokens(files: ClusterFiles): Map<string, string> {
  const rows = readFileSync(files.tokens, 'utf8').trim().split('\n');
  return new Map(rows.map((row) => [row.split(',')[1] ?? '', row.split(',')[0] ?? '']));
}

async function writeCertificates(files: ClusterFiles, address: string): Promise<void> {
  const authority = await generateAuthority('botplane-local');
  const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const apiServer = await generateServerCertificate('kube-apiserver', authority, names, [...new Set([LOOPBACK, address, FIRST_SERVICE_ADDRESS])]);
  const kubeletClient = await generateClientCertificate('kube-apiserver-kubelet-client', authority);
  await writePrivate(files.caCert, authority.cert);
  await writePrivate(files.caKey, authority.key);
  await writePrivate(files.serverCert, apiServer.cert);
  await writePrivate(files.serverKey, apiServer.key);
  await writePrivate(files.kubeletClientCert, kubeletClient.cert);
  await writePrivate(files.kubeletClientKey, kubeletClient.key);
}

async function writeServiceAccountKeys(files: ClusterFiles): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = createPublicKey(privateKey);
  await writePrivate(files.serviceAccountKey, privateKey.export({ type: 'sec1', format: 'pem' }).toString());
  await writePrivate(files.serviceAccountPublicKey, publicKey.export({ type: 'spki', format: 'pem' }).toString());
}

async function writeTokens(files: ClusterFiles): Promise<void> {
  const rows = Object.values(CLUSTER_USERS).map(({ user, groups }) => {
    const token = randomBytes(24).toString('base64url');
    return `${token},${user},${user}${groups ? `,"${groups}"` : ''}`;
  });
  await writePrivate(files.tokens, `${rows.join('\n')}\n`);
}

function kubeconfig(files: ClusterFiles, name: string, host: string, token: string): string {
  const authority = readFileSync(files.caCert).toString('base64');
  return `apiVersion: v1
kind: Config
current-context: botplane-local
contexts:
  - name: botplane-local
    context: {cluster: botplane-local, user: ${name}}
clusters:
  - name: botplane-local
    cluster: {server: "https://${host}", certificate-authority-data: ${authority}}
users:
  - name: ${name}
    user: {token: ${token}}
`;
}

async function writePrivate(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}
