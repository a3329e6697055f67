import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '@botplane/bootstrap';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KUBE_SCORE_SKIPS } from '../src/lint-skips.ts';
import { PROFILE_NAMES, renderProfile } from './support/helm.ts';
import type { Profile } from './support/helm.ts';

let folder: string;
beforeAll(() => {
  folder = makeTempFolder('lint');
});
afterAll(() => removeTempFolder(folder));

/** Critical findings of kube-score, one per line. */
async function criticalOf(profile: Profile, skips: readonly string[]): Promise<string[]> {
  const file = join(folder, `${profile}.yaml`);
  writeFileSync(file, (await renderProfile(profile)).map((manifest) => stringify(manifest)).join('---\n'));
  const args = ['score', '--kubernetes-version', 'v1.36', '--ignore-container-cpu-limit', ...skips.flatMap((check) => ['--ignore-test', check]), '--output-format', 'ci', file];
  // It ends with 1 when it finds something, which the lines say better.
  const { stdout, failed } = await promisify(execFile)(toolPath('kube-score'), args).then((result) => ({ ...result, failed: false }), (error: { stdout: string }) => ({ ...error, failed: true }));
  expect(failed).toBe(stdout.includes('[CRITICAL]'));
  return stdout.split('\n').filter((line) => line.startsWith('[CRITICAL]'));
}

describe('kube-score', () => {
  it.each(PROFILE_NAMES.filter((name) => name !== 'everything-off'))('[C3] has no critical finding in %s', async (profile) => {
    expect(await criticalOf(profile, KUBE_SCORE_SKIPS.map(({ check }) => check))).toEqual([]);
  });

  it('[C3] finds what each skip is there for', async () => {
    const found = await criticalOf('default', []);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((line) => line.includes('ImagePullPolicy'))).toBe(true);
  });
});
