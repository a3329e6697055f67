import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRIC_CATALOGUE } from './catalogue.ts';
import { DASHBOARDS } from './dashboards/all.ts';
import { metricsDoc } from './metrics-doc.ts';
import { ALERTS, COMMON, rulesYaml } from './rules.ts';

const root = join(import.meta.dirname, '../../../..');
const panels = DASHBOARDS.flatMap(({ rows }) => rows).flatMap((row) => row.panels);
const rules = (parse(rulesYaml()) as { groups: { rules: { expr: string }[] }[] }).groups.flatMap((group) => group.rules);

/** Labels that monitors give to everything that a pod exports. */
const TARGET_LABELS = ['namespace', 'pod', 'job'];

/** Series that a metric is seen as. */
const exported = new Map(METRIC_CATALOGUE.flatMap(({ name, type, labels }) => (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map((suffix) => [`${name}${suffix}`, [...labels, ...(suffix === '_bucket' ? ['le'] : [])]] as const)));

it('docs/metrics.md is what `make generate` writes', () => {
  expect(readFileSync(join(root, 'docs/metrics.md'), 'utf8')).toBe(metricsDoc());
});

it('[P10] asks only for metrics that services export, by labels that these have', () => {
  const wrong: string[] = [];
  for (const expr of [...rules.map(({ expr: rule }) => rule), ...panels.flatMap(({ queries }) => queries.map(({ expression }) => expression))]) {
    // What follows a colon is the name of a recording rule.
    for (const [, name = '', , selector = ''] of expr.matchAll(/(?<![:\w])((?:botplane|controller_runtime|leader_election|workqueue|rest_client|reflector)_[a-z_]+)(\{([^}]*)\})?/g)) {
      const labels = exported.get(name);
      if (!labels) wrong.push(`${name} is exported by no service`);
      for (const [, label = ''] of selector.matchAll(/(\w+)\s*(?:=|!=|=~|!~)"/g)) if (labels && ![...labels, ...TARGET_LABELS].includes(label)) wrong.push(`${name} has no label ${label}`);
    }
    for (const [name] of expr.matchAll(/component:\w+:\w+/g)) if (!(name in COMMON)) wrong.push(`${name} is recorded by no rule`);
  }
  expect(rules.length).toBeGreaterThan(ALERTS.length);
  expect(wrong).toEqual([]);
});

it('[W2] runbooks ask only for metrics that are there', () => {
  const texts = ALERTS.map(({ name }) => readFileSync(join(root, 'docs/runbooks', `${name}.md`), 'utf8'));
  const asked = texts.flatMap((text) => [...text.matchAll(/(?<![:\w])((?:botplane|controller_runtime|leader_election|workqueue|rest_client|reflector)_[a-z_]+)/g)].map(([name]) => name));
  const recorded = texts.flatMap((text) => [...text.matchAll(/component:\w+:\w+/g)].map(([name]) => name));
  expect(asked.length).toBeGreaterThan(10);
  // A histogram may be named without one of its endings.
  expect(asked.filter((name) => !exported.has(name) && !exported.has(`${name}_bucket`))).toEqual([]);
  expect(recorded.filter((name) => !(name in COMMON))).toEqual([]);
});

it.each(ALERTS.map(({ name }) => name))('[W2] %s has a runbook that says what it means, how to look and what to do', (name) => {
  const path = join(root, 'docs/runbooks', `${name}.md`);
  expect(existsSync(path), `${path} is missing`).toBe(true);
  const text = readFileSync(path, 'utf8');
  for (const part of [`# ${name}`, '## Meaning', '## Look', '## Do']) expect(text).toContain(part);
});
