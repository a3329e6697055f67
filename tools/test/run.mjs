// `make test…`: runs the given Vitest projects one after the other and ends with the sum of all of them.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addUp, countReport, failuresOf, summaryLine } from './count-report.mjs';

const root = join(import.meta.dirname, '../..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

const args = process.argv.slice(2);
const projects = args.filter((arg) => ['unit', 'integration', 'e2e'].includes(arg));
const filters = args.filter((arg) => !projects.includes(arg));
if (projects.length === 0) {
  console.error('usage: run.mjs unit|integration|e2e … [path filter …]');
  process.exit(2);
}

const reports = mkdtempSync(join(tmpdir(), 'botplane-tests-'));
const counts = [];
const failures = [];
let hasFailed = false;
for (const project of projects) {
  const file = join(reports, `${project}.json`);
  const code = await runProject(project, file);
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

function runProject(project, file) {
  console.log(`\n== ${project}`);
  const child = spawn(
    process.execPath,
    [vitest, 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile=${file}`, ...filters],
    { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` } },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
