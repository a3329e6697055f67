import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const GITOPS = join(import.meta.dirname, '../../../charts/botplane/gitops');

export type Verdict = 'InProgress' | 'Failed' | 'Current';
export interface Expressions {
  readonly kind: string;
  readonly failed: string;
  readonly inProgress?: string;
  readonly current: string;
}
interface Checked {
  readonly kind: string;
  readonly metadata: { readonly generation?: number };
  readonly status?: { readonly observedGeneration?: number };
}

const readYaml = (...path: string[]): unknown => parse(readFileSync(join(GITOPS, ...path), 'utf8'));

export const FLUX_RULES = readYaml('flux/health-check-exprs.yaml') as readonly Expressions[];

/** Objects that Argo CD's tests have, and what Flux makes of them. */
export const FLUX_CASES = [
  ['Bot', 'healthy', 'Current'], ['Bot', 'degraded_stalled', 'Failed'], ['Bot', 'degraded_rollout-failed', 'Failed'], ['Bot', 'progressing_canary', 'InProgress'],
  ['Bot', 'suspended_rollout-paused', 'Current'], ['Bot', 'progressing_older-generation', 'InProgress'], ['Bot', 'suspended_suspend', 'Current'],
  ['BotRuntime', 'healthy', 'Current'], ['BotRuntime', 'progressing', 'InProgress'], ['BotRuntime', 'degraded', 'Failed'],
] as const satisfies readonly (readonly [string, string, Verdict])[];

export const fluxObject = (kind: string, name: string): Checked => readYaml('argocd/resource_customizations/botplane.dev', kind, 'testdata', `${name}.yaml`) as Checked;

/** Judges as Flux does: generation first, then inProgress, failed, current; none of them: in progress. */
export function fluxStatus({ kind, metadata, status }: Checked, holds: (rule: Exclude<keyof Expressions, 'kind'>, rules: Expressions) => boolean): Verdict {
  const rules = FLUX_RULES.find((each) => each.kind === kind);
  const isOlder = status?.observedGeneration !== undefined && status.observedGeneration !== metadata.generation;
  if (!rules || isOlder || holds('inProgress', rules)) return 'InProgress';
  if (holds('failed', rules)) return 'Failed';
  return holds('current', rules) ? 'Current' : 'InProgress';
}
