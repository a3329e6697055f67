import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '@botplane/bootstrap';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifest.ts';

export const ROOT = join(import.meta.dirname, '../../../..');
export const CHART = join(ROOT, 'charts/botplane');
export const CRDS_CHART = join(ROOT, 'charts/botplane-crds');
export const NAMESPACE = 'botplane-system';
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const VALUES = join(import.meta.dirname, '../values');

/** A profile of the chart. */
const profile = (name: string): string => join(CHART, `profiles/${name}.yaml`);

/** The values with which every template is rendered at least once: files separated by commas, as Helm takes them. */
export const PROFILES = {
  default: join(VALUES, 'default.yaml'),
  quickstart: profile('quickstart'),
  ha: profile('ha'),
  minimal: profile('minimal'),
  monitored: [profile('quickstart'), profile('monitoring')].join(','),
  encrypted: [profile('quickstart'), profile('tls')].join(','),
  'everything-off': profile('everything-off'),
  'other-choices': join(VALUES, 'other-choices.yaml'),
} as const;
export type Profile = keyof typeof PROFILES;
export const PROFILE_NAMES = Object.keys(PROFILES) as Profile[];

/** `helm` with arguments; rejects with its error text. */
export async function helm(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(toolPath('helm'), args, { maxBuffer: OUTPUT_BYTES_MAX });
  return stdout;
}

/** What Helm would apply, tests included. */
export async function render(args: readonly string[], chart = CHART): Promise<Manifest[]> {
  return parseManifests(await helm('template', 'botplane', chart, '--namespace', NAMESPACE, '--kube-version', '1.36.0', ...args));
}

export const renderProfile = (name: Profile, ...sets: string[]): Promise<Manifest[]> => render(['--values', PROFILES[name], ...sets.flatMap((set) => ['--set-json', set])]);

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text, { merge: false }).map((document) => {
    if ('errors' in document && document.errors.length > 0) throw document.errors[0];
    return 'toJS' in document ? (document.toJS() as Manifest | null) : null;
  }).filter((manifest) => manifest !== null);
}
