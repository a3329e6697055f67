// `make test…`: runs the given Vitest projects one after the other and ends with the sum of all of them.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLUSTER_MS_MAX, startCluster, stopCluster } from './cluster.mjs';
import { addUp, countReport, failuresOf, summaryLine } from './count-report.mjs';

const root = join(import.meta.dirname, '../..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

const args = process.argv.slice(2);
const projects = args.filter((arg) => ['unit', 'integration', 'e2e', 'e2e-cluster'].includes(arg));
const filters = args.filter((arg) => !projects.includes(arg));
if (projects.length === 0) {
  console.error('usage: run.mjs unit|integration|e2e|e2e-cluster … [path filter …]');
  process.exit(2);
}

const reports = mkdtempSync(join(tmpdir(), 'botplane-tests-'));
const counts = [];
const failures = [];
let hasFailed = false;
for (const project of projects) {
  const file = join(reports, `${project}.json`);
  const code = await (project === 'e2e-cluster' ? runOnCluster(project, file) : runProject(project, file));
  const report = readReport(file);
  const count = countReport(report);
  failures.push(...failuresOf(report, root));
  // Vitest also fails for what is no test: an unhandled error, a setup that threw, a crash.
  if (code !== 0 && count.failed === 0) count.failed = 1;
  hasFailed ||= code !== 0 || count.failed > 0;
  counts.push(count);
}
rmSync(reports, { recursive: true, force: true });

const total = addUp(counts);
if (total.passed + total.failed === 0) {
  console.error('no test ran');
  hasFailed = true;
}
// Said again at the end, since whoever reads a log from elsewhere often has only its last lines.
for (const failure of failures) console.log(`\nFAILED ${failure}`);
console.log(summaryLine(total));
process.exitCode = hasFailed ? 1 : 0;

/** Where no cluster is to be had the tests are skipped, and it is said why. */
async function runOnCluster(project, file) {
  const target = join(reports, 'cluster.json');
  console.log(`\n== ${project}: the cluster`);
  const { code: started, why, env } = await startCluster(target);
  if (why !== undefined) return skip(project, why);
  const code = started === 0 ? await runProject(project, file, env, CLUSTER_MS_MAX.tests) : started;
  if (await stopCluster(target)) return code;
  console.error('✗ the cluster of the tests did not go: run `make cluster-down`');
  return 1;
}

async function skip(project, why) {
  console.log(`SKIPPED ${project}: ${why}`);
  const list = join(reports, 'list.json');
  const code = await runVitest(['list', '--project', project, `--json=${list}`, ...filters]);
  counts.push({ passed: 0, failed: 0, skipped: readReport(list).length ?? 0 });
  return code;
}

function runProject(project, file, env = {}, timeout) {
  console.log(`\n== ${project}`);
  return runVitest(['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile=${file}`, ...filters], env, timeout);
}

/** `timeout`: ms until it is killed. */
function runVitest(options, env = {}, timeout) {
  const child = spawn(process.execPath, [vitest, ...options], { cwd: root, stdio: 'inherit', timeout, killSignal: 'SIGKILL', env: { ...process.env, ...env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` } });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
