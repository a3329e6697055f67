import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './helm.ts';
import { podTemplates } from './manifest.ts';
import type { Manifest } from './manifest.ts';

/** One row of docs/flows.md, for one pair and one port. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  /** Condition of the row; empty: always. */
  readonly when: string;
}

/** The table of docs/flows.md; what stands separated by commas makes a row each. */
function readFlows(): Flow[] {
  const lines = readFileSync(join(ROOT, 'docs/flows.md'), 'utf8').split('\n');
  const rows = lines.filter((line) => line.startsWith('| ') && !line.startsWith('| from')).map((line) => line.split('|').map((cell) => cell.trim()));
  return rows.flatMap(([, from = '', to = '', ports = '', when = '']) =>
    from.split(', ').flatMap((source) => to.split(', ').flatMap((target) => ports.split(', ').map((port) => ({ from: source, to: target, port: Number(port), when })))));
}

/** One end of a connection. `name`: as in the table, or any other for what does not belong to the install. */
export interface End {
  readonly name: string;
  readonly isOutside: boolean;
  readonly isPod: boolean;
}

/** True when the table lets one end reach the other. */
export const isExpected = (flows: readonly Flow[], from: End, to: End, port: number): boolean =>
  flows.some((flow) => flow.port === port && isMeant(flow.from, from) && isMeant(flow.to, to));

function isMeant(name: string, end: End): boolean {
  if (name === 'anyone' || name === 'anywhere') return end.isOutside;
  if (name === 'pods') return end.isOutside && end.isPod;
  return end.name === name;
}

/** Name of a pod of the install as the table has it. */
export const nameOf = (labels: Readonly<Record<string, string>>): string => (labels['app.kubernetes.io/name'] ?? '').replace('botplane-', '');

/** The rows that count in an install, by its manifests. */
export function flowsOf(manifests: readonly Manifest[]): Flow[] {
  const facts = factsOf(manifests);
  return readFlows().filter(({ when }) => {
    const fact = facts[when];
    if (fact === undefined) throw new Error(`docs/flows.md: unknown condition "${when}"`);
    return fact;
  });
}

function factsOf(manifests: readonly Manifest[]): Readonly<Record<string, boolean>> {
  const templates = podTemplates(manifests);
  const has = (name: string): boolean => templates.some(({ labels }) => nameOf(labels) === name);
  const nats = manifests.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'botplane-nats');
  return {
    '': true,
    'scope Cluster': manifests.some(({ kind }) => kind === 'ClusterRole'),
    'NATS inside': has('nats'), 'NATS outside': !has('nats'), 'several NATS': (nats?.spec.replicas ?? 0) > 1,
    'S3 inside': has('s3'), 'S3 outside': !has('s3'), 'PostgreSQL inside': has('postgres'), 'PostgreSQL outside': !has('postgres'), 'no simulator': !has('simulator'),
    traces: templates.some(({ spec }) => JSON.stringify(spec).includes('OTEL_EXPORTER_OTLP_ENDPOINT')),
  };
}
