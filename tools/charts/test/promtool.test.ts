import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolPath } from '@botplane/bootstrap';
import { makeTempFolder, removeTempFolder } from '@botplane/testing';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { ALERTS } from '../src/monitoring/rules.ts';
import { CHART, ROOT, renderProfile } from './support/helm.ts';
import { find } from './support/manifest.ts';

const RULES = join(CHART, 'files/rules.yaml');
const RULE_TESTS = join(import.meta.dirname, 'rules.promtool.yaml');

interface RuleTest {
  readonly name: string;
  readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly object[] }[];
}

const promtool = async (...args: string[]): Promise<string> => (await promisify(execFile)(toolPath('promtool'), args)).stdout;

it('[P10] promtool finds nothing in the rules', async () => {
  expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', RULES)).toContain('SUCCESS');
});

it('[W2] every alert fires when it should, and not when it should not', async () => {
  expect(await promtool('test', 'rules', RULE_TESTS)).toContain('SUCCESS');
  const tests = (parse(readFileSync(RULE_TESTS, 'utf8')) as { tests: RuleTest[] }).tests.flatMap((test) => test.alert_rule_test ?? []);
  for (const { name } of ALERTS) {
    const counts = tests.filter(({ alertname }) => alertname === name).map(({ exp_alerts: alerts }) => alerts.length);
    expect(counts, `${name}: a time at which it fires, and one at which it does not`).toEqual(expect.arrayContaining([0, 1]));
  }
});

it('[W2] alerts name the runbook where the install says that runbooks are', async () => {
  const manifests = await renderProfile('monitored', 'global.monitoring.runbooksUrl="https://wiki.example.com/runbooks"');
  const { groups } = find(manifests, 'PrometheusRule', 'botplane').spec as { groups: { rules: { alert?: string; annotations?: Record<string, string> }[] }[] };
  const alerts = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined);
  expect(alerts.map(({ annotations }) => annotations?.runbook_url)).toEqual(ALERTS.map(({ name }) => `https://wiki.example.com/runbooks/${name}.md`));
});

it('[A6] the alert of docs/backup.md sees backups that fail, and a CronJob that has never made one', async () => {
  const [, expr] = /^```\n(time\(\) - .*)\n```$/m.exec(readFileSync(join(ROOT, 'docs/backup.md'), 'utf8')) ?? [];
  const series = (name: string, values: string): object => ({ series: `${name}{namespace="bots",cronjob="botplane-backup"}`, values });
  const created = series('kube_cronjob_created', '0x72');
  const lastSuccess = (values: string): object => series('kube_cronjob_status_last_successful_time', values);
  const late = (seconds: number): object[] => [{ labels: '{namespace="bots",cronjob="botplane-backup"}', value: seconds }];
  const at = (input: object[], expected: object[]): object => ({ interval: '1h', input_series: input, promql_expr_test: [{ expr, eval_time: '60h', exp_samples: expected }] });
  const folder = makeTempFolder('promtool');
  try {
    const file = join(folder, 'backup.json');
    writeFileSync(file, JSON.stringify({ tests: [
      at([created], late(216_000)),
      at([created, lastSuccess('_x12 43200x60')], []),
      at([created, lastSuccess('_x4 14400x68')], late(201_600)),
    ] }));
    expect(await promtool('test', 'rules', file)).toContain('SUCCESS');
  } finally {
    removeTempFolder(folder);
  }
});
