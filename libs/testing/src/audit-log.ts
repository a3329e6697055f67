import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A request that changed something, or tried to, as kube-apiserver wrote it down. */
export interface AuditedWrite {
  readonly verb: 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';
  readonly user: string;
  readonly userAgent: string;
  /** Plural, with the subresource behind a slash: `bots/status`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** HTTP status of the answer. */
  readonly code: number;
  /** When it came, and when it was answered, in ms since 1970. */
  readonly receivedMs: number;
  readonly answeredMs: number;
}

const POLICY = {
  apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [{ level: 'Metadata', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'] }, { level: 'None' }],
};

/** Writes the policy; returns the paths for kube-apiserver. */
export function writeAuditPolicy(folder: string): { policy: string; log: string } {
  const policy = join(folder, 'audit-policy.json');
  writeFileSync(policy, JSON.stringify(POLICY));
  return { policy, log: join(folder, 'audit.log') };
}

interface AuditEvent {
  verb: AuditedWrite['verb'];
  user?: { username?: string };
  userAgent?: string;
  objectRef?: { resource?: string; subresource?: string; namespace?: string; name?: string };
  responseStatus?: { code?: number };
  requestReceivedTimestamp: string;
  stageTimestamp: string;
}

/** Reads what was written so far. */
export function readAuditLog(path: string | undefined): AuditedWrite[] {
  if (path === undefined || !existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  // The last line may be half written.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter((line) => line !== '');
  return lines.map((line) => toWrite(JSON.parse(line) as AuditEvent));
}

function toWrite({ verb, user, userAgent = '', objectRef = {}, responseStatus, requestReceivedTimestamp, stageTimestamp }: AuditEvent): AuditedWrite {
  const { resource = '', subresource, namespace = '', name = '' } = objectRef;
  return {
    verb, userAgent, namespace, name, user: user?.username ?? '', resource: subresource ? `${resource}/${subresource}` : resource, code: responseStatus?.code ?? 0,
    receivedMs: Date.parse(requestReceivedTimestamp), answeredMs: Date.parse(stageTimestamp),
  };
}
