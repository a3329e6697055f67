// `make lint-charts`: kube-score and checkov over every profile of the charts. checkov is a large package of PyPI, so it has a target of its own and
// lies in the user's cache by its version. Fails on a finding, and on a skip that nothing needs any more.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toolPath } from '@botplane/bootstrap';
import { CHECKOV_SKIPS, KUBE_SCORE_SKIPS } from '../src/lint-skips.ts';

const CHECKOV_VERSION = '3.3.30';
const ROOT = join(import.meta.dirname, '../../..');
const CHART = join(ROOT, 'charts/botplane');
const VALUES = join(ROOT, 'tools/charts/test/values');

const PROFILES: { readonly [name: string]: string } = {
  default: join(VALUES, 'default.yaml'),
  'other-choices': join(VALUES, 'other-choices.yaml'),
  ...Object.fromEntries(['quickstart', 'ha', 'minimal', 'everything-off'].map((name) => [name, join(CHART, `profiles/${name}.yaml`)])),
};

interface CheckovReport {
  summary?: { passed: number; failed: number; parsing_errors: number };
  results?: { failed_checks: { check_id: string; check_name: string; resource: string }[] };
}

/** The program, installed once into the cache; complete or absent. */
function checkov(): string {
  const target = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'botplane/python', `checkov-${CHECKOV_VERSION}`);
  const program = join(target, 'bin/checkov');
  if (existsSync(join(target, 'complete'))) return program;
  console.log(`installing checkov ${CHECKOV_VERSION} into ${target} (once, about a minute)`);
  mkdirSync(dirname(target), { recursive: true });
  rmSync(target, { recursive: true, force: true });
  // A virtual environment knows its own path, so it is made in place; the mark comes last.
  execFileSync('python3', ['-m', 'venv', target], { stdio: 'inherit' });
  execFileSync(join(target, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', `checkov==${CHECKOV_VERSION}`], { stdio: 'inherit' });
  writeFileSync(join(target, 'complete.tmp'), '');
  renameSync(join(target, 'complete.tmp'), join(target, 'complete'));
  return program;
}

const folder = mkdtempSync(join(tmpdir(), 'lint-charts-'));
const needed = new Set<string>();
let findings = 0;
try {
  const program = checkov();
  for (const [profile, values] of Object.entries(PROFILES)) {
    const file = join(folder, `${profile}.yaml`);
    writeFileSync(file, execFileSync(toolPath('helm'), ['template', 'botplane', CHART, '--namespace', 'botplane-system', '--kube-version', '1.36.0', '--values', values]));
    const score = spawnSync(toolPath('kube-score'), ['score', '--kubernetes-version', 'v1.36', '--ignore-container-cpu-limit', ...KUBE_SCORE_SKIPS.flatMap(({ check }) => ['--ignore-test', check]), '--output-format', 'ci', file], { encoding: 'utf8' });
    if (score.status !== 0 && !score.stdout.includes('[CRITICAL]')) throw new Error(`kube-score ended with ${score.status}: ${score.stderr}`);
    const critical = score.stdout.split('\n').filter((line) => line.startsWith('[CRITICAL]'));
    const found = check(program, file);
    findings += critical.length + found.length;
    for (const line of [...critical, ...found]) console.error(`  ${line}`);
    console.log(`${profile}: kube-score ${critical.length} critical, checkov ${found.length} findings`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const { check: id } of CHECKOV_SKIPS.filter(({ check: name }) => !needed.has(name))) {
  findings++;
  console.error(`  the skip of ${id} in tools/charts/src/lint-skips.ts has nothing left to skip: remove it`);
}
if (findings > 0) process.exit(1);
console.log(`✓ no findings; ${CHECKOV_SKIPS.length} checks of checkov and ${KUBE_SCORE_SKIPS.length + 1} of kube-score are skipped, each with its reason in tools/charts/src/lint-skips.ts`);

/** Findings that no skip covers; notes which skips were needed. */
function check(program: string, file: string): string[] {
  const { stdout, stderr, status } = spawnSync(program, ['--framework', 'kubernetes', '--file', file, '--compact', '--quiet', '--output', 'json'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (stdout.trim() === '') throw new Error(`checkov ended with ${status}: ${stderr}`);
  const parsed = JSON.parse(stdout) as CheckovReport | CheckovReport[];
  const reports = Array.isArray(parsed) ? parsed : [parsed];
  if (reports.some(({ summary }) => (summary?.parsing_errors ?? 0) > 0)) throw new Error('checkov could not read what was rendered');
  const failed = reports.flatMap(({ results }) => results?.failed_checks ?? []);
  const skipped = new Set(CHECKOV_SKIPS.map(({ check: id }) => id));
  for (const { check_id: id } of failed) if (skipped.has(id)) needed.add(id);
  return failed.filter(({ check_id: id }) => !skipped.has(id)).map(({ check_id: id, check_name: name, resource }) => `${id} ${resource}: ${name}`);
}
