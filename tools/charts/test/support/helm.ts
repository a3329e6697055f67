import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '@botplane/bootstrap';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifest.ts';

export const ROOT = join(import.meta.dirname, '../../../..');
export const CHART = join(ROOT, 'charts/botplane');
export const NAMESPACE = 'botplane-system';
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const VALUES = join(import.meta.dirname, '../values');

/** The values with which every template is rendered at least once. */
export const PROFILES = {
  default: join(VALUES, 'default.yaml'),
  quickstart: join(CHART, 'profiles/quickstart.yaml'),
  ha: join(CHART, 'profiles/ha.yaml'),
  minimal: join(CHART, 'profiles/minimal.yaml'),
  'everything-off': join(CHART, 'profiles/everything-off.yaml'),
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

export const renderProfile = (profile: Profile, ...sets: string[]): Promise<Manifest[]> => render(['--values', PROFILES[profile], ...sets.flatMap((set) => ['--set-json', set])]);

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text, { merge: false }).map((document) => {
    if ('errors' in document && document.errors.length > 0) throw document.errors[0];
    return 'toJS' in document ? (document.toJS() as Manifest | null) : null;
  }).filter((manifest) => manifest !== null);
}
