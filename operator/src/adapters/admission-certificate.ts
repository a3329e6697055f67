import { X509Certificate } from 'node:crypto';
import { SECRETS, isAlreadyExists, isConflict } from '@botplane/k8s';
import type { K8sClient, Secret } from '@botplane/k8s';
import { ADMISSION_CERTIFICATE_DAYS, ADMISSION_CERTIFICATE_DAYS_LEFT_MIN } from '../limits.ts';
import { FIELD_MANAGER } from '../names.ts';

const DAY_MS = 86_400_000;

/** What the webhook shows, and the authority that kube-apiserver checks it by; all PEM. */
export interface AdmissionCertificate {
  cert: string;
  key: string;
  ca: string;
}

/**
 * The certificate of the webhook, kept in a Secret so that all replicas show the same one. Made anew when it is missing, unreadable, for another
 * host, or near its end. Who loses the race to write it takes the winner's.
 */
export async function ensureAdmissionCertificate(client: K8sClient, ref: { namespace: string; name: string }, host: string, nowMs: number): Promise<AdmissionCertificate> {
  const found = await client.get(SECRETS, ref);
  const known = found && readCertificate(found);
  if (known && isUsable(known, host, nowMs)) return known;
  const made = await makeCertificate(host, nowMs);
  try {
    await write(client, ref, found, made);
    return made;
  } catch (error) {
    if (!isAlreadyExists(error) && !isConflict(error)) throw error;
    const winner = await client.get(SECRETS, ref);
    const theirs = winner && readCertificate(winner);
    if (!theirs) throw error;
    return theirs;
  }
}

async function write(client: K8sClient, { namespace, name }: { namespace: string; name: string }, found: Secret | undefined, { cert, key, ca }: AdmissionCertificate): Promise<void> {
  const data = { 'tls.crt': base64(cert), 'tls.key': base64(key), 'ca.crt': base64(ca) };
  if (found) return void (await client.replace(SECRETS, { ...found, data }, { fieldManager: FIELD_MANAGER }));
  await client.create(SECRETS, { metadata: { name, namespace }, type: 'kubernetes.io/tls', data }, { fieldManager: FIELD_MANAGER });
}

function readCertificate({ data }: Secret): AdmissionCertificate | undefined {
  const [cert, key, ca] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => Buffer.from(data?.[name] ?? '', 'base64').toString('utf8'));
  return cert && key && ca ? { cert, key, ca } : undefined;
}

function isUsable({ cert, ca }: AdmissionCertificate, host: string, nowMs: number): boolean {
  try {
    const [own, authority] = [new X509Certificate(cert), new X509Certificate(ca)];
    const isFor = own.checkHost(host) !== undefined || own.checkIP(host) !== undefined;
    return isFor && own.verify(authority.publicKey) && Date.parse(own.validTo) - nowMs > ADMISSION_CERTIFICATE_DAYS_LEFT_MIN * DAY_MS;
  } catch {
    return false;
  }
}

/** The authority signs this one certificate; its key is thrown away. */
async function makeCertificate(host: string, nowMs: number): Promise<AdmissionCertificate> {
  // Loaded here, since it is needed once a year.
  const { default: selfsigned } = await import('selfsigned');
  const common = { keyType: 'ec', algorithm: 'sha256', notBeforeDate: new Date(nowMs - DAY_MS), notAfterDate: new Date(nowMs + ADMISSION_CERTIFICATE_DAYS * DAY_MS) } as const;
  const authority = await selfsigned.generate([{ name: 'commonName', value: 'botplane-admission-ca' }], {
    ...common, extensions: [{ name: 'basicConstraints', cA: true, critical: true }, { name: 'keyUsage', keyCertSign: true, critical: true }],
  });
  const isAddress = /^[\d.]+$|:/.test(host);
  const own = await selfsigned.generate([{ name: 'commonName', value: 'botplane-admission' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [isAddress ? { type: 7, ip: host } : { type: 2, value: host }] },
    ],
    ca: { cert: authority.cert, key: authority.private },
  });
  return { cert: own.cert, key: own.private, ca: authority.cert };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
